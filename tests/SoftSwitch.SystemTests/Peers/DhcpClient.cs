namespace SoftSwitch.SystemTests.Peers;

/// <summary>A client of DHCP that runs on in a namespace: busybox udhcpc on eth0, which sets what it gets.</summary>
public sealed class DhcpClient : IDisposable
{
    private const string Got = "udhcpc: lease of ";

    private readonly NetNs _guest;
    private readonly BackgroundProcess _udhcpc;

    private DhcpClient(NetNs guest, BackgroundProcess udhcpc) => (_guest, _udhcpc) = (guest, udhcpc);

    /// <param name="folder">Where its script may be; the caller's.</param>
    public static DhcpClient Start(NetNs guest, string folder)
    {
        Need.Tool("busybox");
        return new(guest, guest.Start("busybox", "udhcpc", "-i", "eth0", "-f", "-t", "5", "-T", "1", "-s", Script(folder)));
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
