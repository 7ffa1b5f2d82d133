using SoftSwitch.SystemTests.Nat;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Addressing;

/// <summary>A virtual machine with nothing but its network card's iPXE finds what to boot.</summary>
public sealed class NetworkBootTests : IDisposable
{
    private const string Rom = "/usr/lib/ipxe/qemu/efi-virtio.rom", Tap = "ss-pxe";

    private readonly World _world = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("softswitch-boot-").FullName;

    public void Dispose()
    {
        _world.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void It_gets_an_address_and_boots_the_file_of_the_next_server()
    {
        Need.File(Rom, "ipxe-qemu");
        File.WriteAllText(Path.Combine(_folder, "boot.ipxe"), """
            #!ipxe
            echo booted ${filename} of ${next-server} as ${ip} in ${domain}

            """);
        using var started = SoftSwitchProcess.Start($$"""
            state: {{_folder}}
            networks:
              lab:
                mode: internal
                subnet: {{World.Inside}}
                dhcp: { range: 10.10.0.50-10.10.0.60, next-server: {{World.OneAddress}}, filename: boot.ipxe, domain: lab.example }
            ports:
              vm: { network: lab, kind: guest, interface: {{Tap}} }
              one: { network: lab, kind: tap, netns: "{{_world.One.Name}}", interface: eth0, address: {{World.OneAddress}}/24 }
            """, _world.Host);
        using var server = _world.One.Start("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--enable-tftp",
            $"--tftp-root={_folder}", "--tftp-no-fail", "--pid-file=", "--log-facility=-", "--user=root");
        server.WaitForLine(line => line.Contains("TFTP root is", StringComparison.Ordinal));
        using var guest = _world.Host.Start("qemu-system-x86_64", "-accel", "tcg", "-m", "64", "-nographic", "-net", "none", "-serial",
            "mon:stdio", "-boot", "n", "-no-reboot", "-netdev", $"tap,id=n,ifname={Tap},script=no,downscript=no", "-device",
            "virtio-net-pci,netdev=n");
        var said = guest.WaitForLine(line => line.Contains("booted ", StringComparison.Ordinal), TimeSpan.FromSeconds(60));
        Assert.Contains($"booted boot.ipxe of {World.OneAddress} as 10.10.0.50 in lab.example", said, StringComparison.Ordinal);
        started.Terminate();
    }
}
