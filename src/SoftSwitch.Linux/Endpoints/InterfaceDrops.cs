namespace SoftSwitch.Linux.Endpoints;

/// <summary>What an interface has dropped, as the kernel counts it.</summary>
/// <param name="Received">Frames that it received, and that nobody there took: a queue was full, or nothing takes such frames.</param>
/// <param name="Transmitted">Frames that it should have sent and couldn't.</param>
/// <param name="Queued">Frames that its queueing discipline didn't take, or took and dropped.</param>
internal readonly record struct InterfaceDrops(long Received, long Transmitted, long Queued)
{
    /// <summary>Seen from who holds the descriptor of a tap: what the interface sends comes in there. What its queueing discipline drops
    /// is told to its own senders.</summary>
    public KernelDrops BehindDescriptor => new(In: Transmitted, Out: Received);

    /// <summary>Seen from a packet socket on the interface.</summary>
    /// <param name="refused">Frames of which the socket was told that they were dropped: the kernel has counted them, too.</param>
    public KernelDrops BehindSocket(long refused) => new(In: Received, Out: Transmitted + Queued - refused);

    public static InterfaceDrops operator -(InterfaceDrops now, InterfaceDrops before) =>
        new(now.Received - before.Received, now.Transmitted - before.Transmitted, now.Queued - before.Queued);
}
