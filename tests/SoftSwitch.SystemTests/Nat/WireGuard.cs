using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>
/// A WireGuard tunnel between the host and the server, in user space: an interface of the host that carries bare IP, as the kernel's is.
/// The host's has all addresses behind it, as that of a VPN for everything; routes and rules are the test's.
/// <code>
///   host: wgh 10.9.0.2 ═══ UDP by the NIC to 198.51.100.3:51820, with the mark 51820 ═══ far: wgf 10.9.0.1
/// </code>
/// </summary>
internal static class WireGuard
{
    public const string HostAddress = "10.9.0.2", FarAddress = "10.9.0.1", Interface = "wgh";

    public const int Port = 51820;

    /// <summary>It goes with the namespaces.</summary>
    public static void Open(NetNs host, NetNs far)
    {
        var (ours, theirs) = (Key(), Key());
        Make(host, Interface, HostAddress, ours,
            $"fwmark {Port} peer {PublicOf(theirs)} endpoint {World.FarOtherAddress}:{Port} allowed-ips 0.0.0.0/0");
        Make(far, "wgf", FarAddress, theirs, $"listen-port {Port} peer {PublicOf(ours)} allowed-ips {HostAddress}/32");
    }

    private static string Key() => Shell.Check("wg genkey").Trim();

    private static string PublicOf(string key) => Shell.Run(Need.Tool("wg"), ["pubkey"], input: key).Succeeded().Output.Trim();

    private static void Make(NetNs ns, string name, string address, string key, string words)
    {
        ns.Start("wireguard-go", "-f", name);
        Eventually.Holds(() => ns.Run($"wg show {name}").ExitStatus == 0);
        ns.Exec("wg", ["set", name, "private-key", "/dev/stdin", .. words.Split(' ')], input: key).Succeeded();
        ns.Address(name, $"{address}/24");
        ns.Up(name);
    }
}
