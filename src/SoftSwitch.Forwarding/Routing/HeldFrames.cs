using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>
/// Packets that wait for a neighbor's address, a few for each neighbor (RFC 1122, 2.3.2.2, asks for at least the latest one), in the order they came. What
/// waits longer than asking takes is dropped. Any worker may call.
/// </summary>
internal sealed class HeldFrames
{
    public const int PerNeighbor = 4;
    private const int Capacity = 128;

    /// <summary>Of one sender, so that who sends to many silent neighbors leaves room for others.</summary>
    private const int PerSender = 32;
    private const long Longest = 4_000;

    private readonly Lock _lock = new();
    private readonly List<(Ipv4Address Neighbor, ulong Sender, OwnedFrame Frame, long Since)> _held = new(Capacity);
    private volatile int _count;

    /// <summary>Copies a frame and keeps it; false when there is no room.</summary>
    public bool Keep(Ipv4Address neighbor, in Frame frame, Instant now)
    {
        lock (_lock)
        {
            int waiting = 0, sent = 0;
            foreach (var held in _held)
            {
                waiting += held.Neighbor == neighbor ? 1 : 0;
                sent += held.Sender == frame.Source ? 1 : 0;
            }
            if (_held.Count == Capacity || waiting == PerNeighbor || sent == PerSender)
                return false;
            var owned = OwnedFrame.Pool.Get();
            owned.Keep(frame);
            _held.Add((neighbor, frame.Source, owned, now.Milliseconds));
            _count = _held.Count;
            return true;
        }
    }

    /// <summary>Takes the oldest packet that waits for a neighbor; give it back to the pool.</summary>
    public bool TryTake(Ipv4Address neighbor, out OwnedFrame frame)
    {
        frame = null!;
        if (_count == 0)
            return false;
        lock (_lock)
        {
            var at = _held.FindIndex(held => held.Neighbor == neighbor);
            if (at < 0)
                return false;
            frame = _held[at].Frame;
            _held.RemoveAt(at);
            _count = _held.Count;
            return true;
        }
    }

    /// <summary>Gives up what has waited too long.</summary>
    /// <returns>How many packets.</returns>
    public int Expire(Instant now)
    {
        if (_count == 0)
            return 0;
        lock (_lock)
        {
            foreach (var held in _held)
            {
                if (now.Milliseconds - held.Since >= Longest)
                    OwnedFrame.Pool.Return(held.Frame);
            }
            var expired = _held.RemoveAll(held => now.Milliseconds - held.Since >= Longest);
            _count = _held.Count;
            return expired;
        }
    }

    /// <summary>The neighbors that something waits for.</summary>
    public IReadOnlyList<Ipv4Address> Waiting()
    {
        if (_count == 0)
            return [];
        lock (_lock)
            return [.. _held.Select(held => held.Neighbor).Distinct()];
    }
}
