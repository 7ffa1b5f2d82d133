namespace SoftSwitch.SystemTests.Peers;

/// <summary>A client of DHCP that runs on in a namespace: busybox udhcpc on eth0, which sets what it gets.</summary>
public sealed class DhcpClient : IDisposable
{
    private const string Got = "udhcpc: lease of ";

    private readonly NetNs _guest;
    private readonly BackgroundProcess _udhcpc;
    private readonly string _folder;

    private DhcpClient(NetNs guest, BackgroundProcess udhcpc, string folder) => (_guest, _udhcpc, _folder) = (guest, udhcpc, folder);

    /// <param name="folder">Where its script may be, and what it is told; the caller's.</param>
    /// <param name="name">What it calls itself; left out: nothing.</param>
    public static DhcpClient Start(NetNs guest, string folder, string? name = null)
    {
        Need.Tool("busybox");
        string[] called = name is null ? [] : ["-x", $"hostname:{name}"];
        return new(guest, guest.Start("busybox",
            ["udhcpc", "-i", "eth0", "-f", "-t", "5", "-T", "1", "-O", "domain", .. called, "-s", Script(folder)]), folder);
    }

    /// <summary>The script that sets address and route of a lease.</summary>
    public static string Script(string folder)
    {
        var path = Path.Combine(folder, "leased");
        if (!File.Exists(path))
        {
            File.WriteAllText(path, """
                #!/bin/sh
                case $1 in bound|renew)
                  ip addr replace $ip/$mask dev $interface
                  [ -z "$router" ] || ip route replace default via $router;;
                esac
                env > "${0%/*}/told"
                """);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
        return path;
    }

    /// <summary>The address that it has got and set.</summary>
    public string WaitForAddress()
    {
        var address = _udhcpc.WaitForLine(line => line.StartsWith(Got, StringComparison.Ordinal))[Got.Length..].Split(' ')[0];
        Switching.Eventually.Holds(() => _guest.Check("ip -4 -o addr show dev eth0").Contains($" {address}/", StringComparison.Ordinal));
        return address;
    }

    /// <summary>What the server has told it last, by udhcpc's word for it; empty: nothing.</summary>
    public string Told(string what) => File.ReadLines(Path.Combine(_folder, "told"))
        .FirstOrDefault(line => line.StartsWith($"{what}=", StringComparison.Ordinal))?[(what.Length + 1)..] ?? "";

    /// <summary>Has it renew its lease now, and waits until it has.</summary>
    public void Renew()
    {
        var before = Leases();
        _udhcpc.Signal("USR1");
        Switching.Eventually.Holds(() => Leases() > before);
    }

    public void Dispose() => _udhcpc.Dispose();

    private int Leases() => _udhcpc.Output.Concat(_udhcpc.Errors).Count(line => line.StartsWith(Got, StringComparison.Ordinal));
}
