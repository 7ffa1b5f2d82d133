using System.Security.Cryptography;
using System.Text;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Guests;

/// <summary>
/// A Debian kernel and an initramfs made for it: busybox, the network driver, and this machine's own iperf3, ethtool,
/// tcpdump and curl (busybox, being static, can't look up names) with the libraries they need. The initramfs is made once
/// for a kernel and these programs, and kept in the folder for temporary files; it appears there under its name complete
/// or not at all, so tests may race for it.
/// </summary>
public sealed record GuestImage(string Kernel, string Initramfs)
{
    private static readonly Lazy<GuestImage> VirtioImage = new(
        () => Make("linux-image-cloud-amd64", "-cloud-amd64", ["virtio_pci", "virtio_net", "8021q"]));

    private static readonly Lazy<GuestImage> E1000Image = new(
        () => Make("linux-image-amd64", "-amd64", ["e1000", "8021q"]));

    /// <summary>For virtio-net-pci. Skips the test when a part is missing.</summary>
    public static GuestImage Virtio => VirtioImage.Value;

    /// <summary>For e1000, which the cloud kernel has not. Skips the test when a part is missing.</summary>
    public static GuestImage E1000 => E1000Image.Value;

    private static readonly string[] ProgramsInside = ["iperf3", "ethtool", "tcpdump", "curl"];

    // The console is the serial line, and the host talks to it in lines: "ID COMMAND" in, what it says and then
    // "ID-end STATUS" out. Commands are bounded by the terminal's line of 4095 bytes.
    private const string Init =
        """
        #!/bin/busybox sh
        export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
        busybox=/bin/busybox
        $busybox --install -s /bin
        mount -t proc proc /proc
        mount -t sysfs sysfs /sys
        mount -t devtmpfs devtmpfs /dev
        dmesg -n 1
        echo 0 > /proc/sys/net/ipv6/conf/all/accept_dad
        echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad
        while read -r module; do insmod "$module"; done < /modules.list
        hostname guest
        ip link set lo up
        exec < /dev/ttyS0 > /dev/ttyS0 2>&1
        stty -echo -onlcr
        echo guest-prompt
        while read -r id command; do
            sh -c "$command" < /dev/null
            echo "
        $id-end $?"
        done
        poweroff -f
        """;

    // What busybox's client of DHCP runs, as a system's own script would: address, way out, and whom to ask for names.
    private const string Leased =
        """
        #!/bin/sh
        case $1 in
          deconfig) ip link set dev $interface up;;
          bound|renew)
            ip addr replace $ip/$mask dev $interface
            [ -z "$router" ] || ip route replace default via $router
            : > /etc/resolv.conf
            [ -z "$domain" ] || echo search $domain >> /etc/resolv.conf
            for server in $dns; do echo nameserver $server >> /etc/resolv.conf; done;;
        esac
        """;

    private static GuestImage Make(string package, string suffix, string[] modules)
    {
        Need.Tool("qemu-system-x86_64");
        var release = Releases(suffix).FirstOrDefault();
        if (release is null) Need.Missing($"needs a kernel for guests: apt-get install {package}");
        var kernel = Need.File($"/boot/vmlinuz-{release}", package);
        var busybox = Need.File("/bin/busybox", "busybox-static");
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["/bin/busybox"] = busybox };
        foreach (var name in ProgramsInside)
        {
            var program = Need.Tool(name);
            files[$"/usr/bin/{name}"] = program;
            foreach (var library in Libraries(program)) files[library] = library;
        }
        var drivers = KernelModules.Ordered($"/lib/modules/{release}", modules);
        foreach (var driver in drivers) files[driver] = driver;

        var path = Path.Combine(TemporaryFolder.Path, $"guest-{release}-{Key(files)}.cpio");
        if (!File.Exists(path)) Write(path, files, drivers);
        return new GuestImage(kernel, path);
    }

    // Newest first.
    private static IEnumerable<string> Releases(string suffix) =>
        Directory.Exists("/lib/modules")
            ? Directory.GetDirectories("/lib/modules").Select(path => Path.GetFileName(path)!)
                .Where(name => name.EndsWith(suffix, StringComparison.Ordinal)
                    && name.Contains("-cloud-", StringComparison.Ordinal) == suffix.Contains("-cloud-", StringComparison.Ordinal)
                    && File.Exists($"/boot/vmlinuz-{name}") && File.Exists($"/lib/modules/{name}/modules.dep"))
                .OrderByDescending(name => Version.TryParse(name[..name.IndexOf('-')], out var version) ? version : new Version())
                .ThenByDescending(name => name, StringComparer.Ordinal)
            : [];

    // "libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x…)" and "/lib64/ld-linux-x86-64.so.2 (0x…)"
    private static IEnumerable<string> Libraries(string program) =>
        Shell.Check($"ldd {program}").Split('\n')
            .SelectMany(line => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
            .Where(word => word.StartsWith('/'));

    private static string Key(IDictionary<string, string> files)
    {
        var all = new StringBuilder(Init + Leased);
        foreach (var (name, source) in files)
        {
            var file = new FileInfo(source);
            all.Append($"\n{name} {file.Length} {file.LastWriteTimeUtc.Ticks}");
        }
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all.ToString())))[..16];
    }

    private static void Write(string path, IDictionary<string, string> files, IEnumerable<string> drivers)
    {
        var unfinished = $"{path}.{Environment.ProcessId}-{Guid.NewGuid():n}";
        using (var stream = File.Create(unfinished))
        {
            var archive = new CpioArchive(stream);
            foreach (var folder in new[] { "/proc", "/sys", "/dev", "/tmp", "/run", "/root", "/bin", "/sbin" }) archive.AddFolder(folder);
            archive.Add("/init", Encoding.UTF8.GetBytes(Init + "\n"));
            archive.Add("/etc/udhcpc/default.script", Encoding.UTF8.GetBytes(Leased + "\n"));
            archive.Add("/modules.list", Encoding.UTF8.GetBytes(string.Concat(drivers.Select(driver => driver + "\n"))));
            foreach (var (name, source) in files) archive.Add(name, File.ReadAllBytes(source));
            archive.Finish();
        }
        File.Move(unfinished, path, overwrite: true);
    }
}
