using System.Runtime.CompilerServices;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>What one side of a flow has said last.</summary>
internal struct FlowSide
{
    /// <summary>When, in seconds.</summary>
    public uint Seen;

    /// <summary>TCP: the sequence number behind the last octet it has sent.</summary>
    public uint End;

    /// <summary>TCP: the next sequence number it expects.</summary>
    public uint Acknowledged;

    /// <summary>TCP: octets from there on that it takes.</summary>
    public uint Window;

    /// <summary>
    /// Notes that the side was heard: written once a second at most, and only forward, as other workers' turns may have begun later.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Saw(uint now)
    {
        if ((int)(now - Seen) > 0)
            Seen = now;
    }
}
