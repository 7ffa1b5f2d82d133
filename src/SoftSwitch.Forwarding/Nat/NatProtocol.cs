using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// The three protocols that are translated, numbered for tables. Each has ports of its own; for ICMP queries these are identifiers.
/// </summary>
internal static class NatProtocol
{
    public const int Tcp = 0;
    public const int Udp = 1;
    public const int Icmp = 2;
    public const int Count = 3;

    /// <summary>The number of an IP protocol, or -1.</summary>
    public static int Of(byte protocol) => protocol switch
    {
        IpProtocol.Tcp => Tcp,
        IpProtocol.Udp => Udp,
        IpProtocol.Icmp => Icmp,
        _ => -1,
    };

    public static byte ToIp(int protocol) => protocol switch
    {
        Tcp => IpProtocol.Tcp,
        Udp => IpProtocol.Udp,
        _ => IpProtocol.Icmp,
    };
}
