namespace SoftSwitch.Packets;

/// <summary>The ports of DHCP (RFC 2131, 4.1; RFC 8415, 7.2), and where the first fields of a message of IPv4 lie (RFC 2131, 2). Offsets
/// count from its first byte, behind the UDP header.</summary>
public static class DhcpHeader
{
    public const ushort ServerPort = 67, ClientPort = 68, ClientPortIpv6 = 546;

    /// <summary>The operations: a client asks, a server answers.</summary>
    public const byte Request = 1, Reply = 2;

    public const int OperationOffset = 0;

    /// <summary>By this a client knows the answers to its question (xid).</summary>
    public const int TransactionOffset = 4;

    /// <summary>Bytes of the fields up to there.</summary>
    public const int Size = 8;
}
