using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.ObjectPool;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Frames;

/// <summary>
/// Fragments that had to wait for the first one of their packet, in the order in which they came: part of a turn, for one direction. A
/// translator that is given a first fragment leaves here what that one releases, and whoever has brought it takes all of that and sends it
/// after.
/// </summary>
public sealed class ReleasedFragments
{
    /// <summary>Of one sender's, which is all that a first one can release.</summary>
    internal const int Capacity = Limits.FragmentBlocksOfSender;

    private readonly Queue<(OwnedFrame Frame, Ipv4Layout Packet)> _fragments = new(Capacity);
    private ObjectPool<OwnedFrame>? _pool;

    /// <summary>Takes the next; give it back with <see cref="Return(OwnedFrame)"/>.</summary>
    /// <param name="packet">Its layout as it was read when it came, with the addresses that it has now.</param>
    public bool TryTake([NotNullWhen(true)] out OwnedFrame? frame, out Ipv4Layout packet)
    {
        var taken = _fragments.TryDequeue(out var fragment);
        (frame, packet) = fragment;
        return taken;
    }

    /// <summary>Gives a frame that was taken back.</summary>
    public void Return(OwnedFrame frame) => Return(frame, _pool!);

    internal static void Return(OwnedFrame frame, ObjectPool<OwnedFrame> pool)
    {
        frame.Shrink();
        pool.Return(frame);
    }

    /// <summary>Begins with another packet. Of one before nothing is left, unless its turn broke off.</summary>
    /// <param name="pool">Where its fragments go back to.</param>
    internal void Begin(ObjectPool<OwnedFrame> pool)
    {
        while (TryTake(out var left, out _))
            Return(left);
        _pool = pool;
    }

    internal void Add(OwnedFrame frame, in Ipv4Layout packet) => _fragments.Enqueue((frame, packet));
}
