namespace SoftSwitch.Linux.Nftables;

/// <summary>What a rule has loaded of a packet.</summary>
internal enum PacketField
{
    /// <summary>Nothing that says which port it is for.</summary>
    Other,

    /// <summary>Of IPv4, or of another family: a byte.</summary>
    Family,

    /// <summary>Of TCP or UDP: a byte.</summary>
    Protocol,

    /// <summary>The destination port.</summary>
    Port,

    /// <summary>Both ports, the destination's last.</summary>
    Ports,

    /// <summary>The destination address.</summary>
    Address,

    /// <summary>The name of the interface that it came in by, or how that begins.</summary>
    InterfaceName,

    /// <summary>The number of that interface, as the processor writes it.</summary>
    InterfaceIndex,
}
