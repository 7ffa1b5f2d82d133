namespace SoftSwitch.Packets.Dhcp;

/// <summary>The ports of DHCP (RFC 2131, 4.1; RFC 8415, 7.2), and where the fields of a message of IPv4 lie (RFC 2131, 2). Offsets count
/// from its first byte, behind the UDP header.</summary>
public static class DhcpHeader
{
    public const ushort ServerPort = 67, ClientPort = 68, ClientPortIpv6 = 546;

    /// <summary>The operations: a client asks, a server answers.</summary>
    public const byte Request = 1, Reply = 2;

    /// <summary>The hardware type of Ethernet.</summary>
    public const byte Ethernet = 1;

    public const int OperationOffset = 0, HardwareTypeOffset = 1, HardwareLengthOffset = 2, HopsOffset = 3;

    /// <summary>By this a client knows the answers to its question (xid).</summary>
    public const int TransactionOffset = 4;

    /// <summary>Seconds since the client began (secs); its flags.</summary>
    public const int SecondsOffset = 8, FlagsOffset = 10;

    /// <summary>The client's address, if it has one and can answer ARP for it (ciaddr); the one that it is given (yiaddr); the server of
    /// a boot's next step (siaddr); the relay agent by which it came (giaddr).</summary>
    public const int ClientAddressOffset = 12, YourAddressOffset = 16, NextServerOffset = 20, RelayOffset = 24;

    /// <summary>The client's hardware address (chaddr); the name of a server, and of a file to boot (sname, file).</summary>
    public const int HardwareAddressOffset = 28, ServerNameOffset = 44, FileOffset = 108;

    /// <summary>What says that options follow (RFC 2132, 2), and the first of them.</summary>
    public const int CookieOffset = 236, OptionsOffset = 240;

    public const uint Cookie = 0x6382_5363;

    /// <summary>A client that takes answers only by broadcast, while it has no address.</summary>
    public const ushort BroadcastFlag = 0x8000;

    /// <summary>Bytes of a message, with some that are zeros: relay agents may drop shorter ones (RFC 1542, 2.1).</summary>
    public const int MinimumSize = 300;

    /// <summary>Bytes of an IP packet with a message that every client takes, headers included (RFC 2131, 2).</summary>
    public const int EveryClientTakes = 576;
}
