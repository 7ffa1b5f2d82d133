using SoftSwitch.SystemTests.Guests;
using SoftSwitch.SystemTests.Nat;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Addressing;

/// <summary>Two virtual machines that boot with nothing but a client of DHCP find each other and the outside by name.</summary>
[Collection(typeof(AloneOnTheMachine))]
public sealed class GuestsByNameTests : IDisposable
{
    private const string WebMac = "52:54:00:00:08:01", SecondMac = "52:54:00:00:08:02";

    private readonly World _world = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("softswitch-names-").FullName;

    public void Dispose()
    {
        _world.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("off")]
    [InlineData("on")]
    public void Virtual_machines_with_only_DHCP_reach_each_other_and_the_outside_by_name(string guard)
    {
        Need.Tun();
        using var started = SoftSwitchProcess.Start($$"""
            state: {{_folder}}
            networks:
              dev: { mode: nat, subnet: {{World.Inside}}, guard: {{guard}}, dns: { servers: [{{World.FarAddress}}] } }
            ports:
              web: { network: dev, kind: guest, mac: "{{WebMac}}" }
              vm2: { network: dev, kind: guest, mac: "{{SecondMac}}" }
            """, _world.Host);
        using var web = new QemuGuest(GuestImage.Virtio, _world.Host, QemuGuest.Tap("web", WebMac));
        using var second = new QemuGuest(GuestImage.Virtio, _world.Host, QemuGuest.Tap("vm2", SecondMac));
        using var resolver = _world.Far.Start("dnsmasq", "--no-daemon", "--no-resolv", "--no-hosts", "--bind-interfaces",
            "--conf-file=/dev/null", $"--listen-address={World.FarAddress}", "--except-interface=lo", "--log-facility=-",
            $"--host-record=www.example.org,{World.FarOtherAddress}");
        File.WriteAllText(Path.Combine(_folder, "index.html"), "the outside\n");
        using var site = _world.Far.Start("busybox", "httpd", "-f", "-p", $"{World.FarOtherAddress}:80", "-h", _folder);

        // "second" is what the other calls itself; "web" is its port's name.
        web.Check("udhcpc -i eth0 -n -q -t 5 -T 1");
        second.Check("udhcpc -i eth0 -n -q -t 5 -T 1 -x hostname:second");
        foreach (var guest in new[] { web, second })
        {
            var name = guest == web ? "web" : "second";
            guest.Check($"mkdir -p /srv && echo the page of {name} > /srv/index.html && httpd -p 80 -h /srv");
        }
        Assert.Equal("the page of web\n", Page(second, "web"));
        Assert.Equal("the page of web\n", Page(second, "web.dev.internal"));
        Assert.Equal("the page of second\n", Page(web, "second"));
        Assert.Equal("the page of second\n", Page(web, "vm2.dev"));
        Assert.Equal("the outside\n", Page(web, "www.example.org"));
        Assert.Equal("the outside\n", Page(second, "www.example.org"));
        const int CouldNotResolve = 6;
        Assert.Equal(CouldNotResolve, second.Run("curl -s -m 5 http://nobody/").ExitStatus);
        Assert.DoesNotContain(started.Items("drops"),
            drop => drop.GetProperty("reason").GetString()!.StartsWith("guard-", StringComparison.Ordinal));
        Assert.Equal(["second", "web"], started.Items("leases").Select(lease => lease.GetProperty("name").GetString()).Order());
        started.Terminate();
    }

    private static string Page(QemuGuest guest, string name) => guest.Check($"curl -s -m 5 http://{name}/");
}
