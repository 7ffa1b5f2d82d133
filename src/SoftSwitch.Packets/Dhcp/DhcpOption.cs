namespace SoftSwitch.Packets.Dhcp;

/// <summary>The codes of options (RFC 2132, where nothing else is said).</summary>
public static class DhcpOption
{
    public const byte Pad = 0, End = 255;

    public const byte SubnetMask = 1, Router = 3, DomainNameServer = 6, HostName = 12, DomainName = 15, InterfaceMtu = 26,
        BroadcastAddress = 28, StaticRoutes = 33, NtpServers = 42, RequestedAddress = 50, LeaseTime = 51, Overload = 52, MessageType = 53,
        ServerIdentifier = 54, ParameterRequestList = 55, Message = 56, MaximumMessageSize = 57, RenewalTime = 58, RebindingTime = 59,
        VendorClass = 60, ClientIdentifier = 61, TftpServerName = 66, BootFileName = 67;

    /// <summary>An answer that binds at once (RFC 4039).</summary>
    public const byte RapidCommit = 80;

    /// <summary>The client's name with its domain, behind flags and two codes; as in a message of DNS, where a flag says so (RFC 4702,
    /// 2).</summary>
    public const byte FullName = 81, FullNameIsEncoded = 0x04, BeforeFullName = 3;

    /// <summary>What a relay agent says, which comes back to it in the answer (RFC 3046).</summary>
    public const byte RelayAgentInformation = 82;

    /// <summary>RFC 3397.</summary>
    public const byte DomainSearch = 119;

    /// <summary>Routes with a prefix length (RFC 3442); who reads them passes over <see cref="Router"/> and
    /// <see cref="StaticRoutes"/>.</summary>
    public const byte ClasslessRoutes = 121;
}
