namespace SoftSwitch.Linux.Filters;

/// <summary>
/// The marks (SO_MARK, skb->mark) by which the kernel's filters tell what is ours: the only place where their numbers are.
/// </summary>
internal static class SocketMark
{
    /// <summary>What a port sends: it passes a <see cref="Seal"/>, and the rules at a NIC that the host shares.</summary>
    internal const uint Port = 0x5357_0001;

    /// <summary>
    /// What a translation sends. Where the same NIC is the uplink of a bridged network, the stations there get it like the host's.
    /// </summary>
    internal const uint Translation = 0x5357_0002;

    /// <summary>From the switch to the host: it hasn't come from the wire. Taken off before the host's stack sees the frame.</summary>
    internal const uint ToHost = 0x5357_0003;

    /// <summary>From the host to the switch.</summary>
    internal const uint FromHost = 0x5357_0004;

    /// <summary>
    /// What stations with addresses of their own send on a NIC's LAN: the host has it from the switch already. Where the NIC is the uplink
    /// of another switch's network, the stations there get it like the host's.
    /// </summary>
    internal const uint Lan = 0x5357_0005;
}
