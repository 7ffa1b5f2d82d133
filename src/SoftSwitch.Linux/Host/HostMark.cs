namespace SoftSwitch.Linux.Host;

/// <summary>The marks (SO_MARK, skb->mark) by which the kernel's filters tell what is on its way between host and switch.</summary>
internal static class HostMark
{
    /// <summary>From the switch to the host: it hasn't come from the wire. Taken off before the host's stack sees the frame.</summary>
    internal const uint ToHost = 0x5357_0003;

    /// <summary>From the host to the switch.</summary>
    internal const uint FromHost = 0x5357_0004;
}
