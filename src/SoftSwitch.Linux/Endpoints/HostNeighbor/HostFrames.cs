using Microsoft.Extensions.ObjectPool;
using SoftSwitch.Forwarding.Ports;

namespace SoftSwitch.Linux.Endpoints.HostNeighbor;

/// <summary>
/// Frames for the host that wait, in the order they came.
/// <code>
///   of a port   more is refused                                   MachineLimits.HostFramesOfPort
///   of all      then the port with the most gives up its oldest   MachineLimits.HostFrames
/// </code>
/// A port is the one that a frame came in by, so however many ports bring much, what another brings has its place. The caller locks.
/// </summary>
/// <param name="givenUp">Told of a frame that had to make room; it is used again when this returns.</param>
internal sealed class HostFrames(Action<HostFrame> givenUp)
{
    private const int SmallestCost = 2_048;

    private static readonly ObjectPool<HostFrame> s_frames =
        new DefaultObjectPool<HostFrame>(new DefaultPooledObjectPolicy<HostFrame>(), maximumRetained: 1_024);

    private readonly LinkedList<HostFrame> _byAge = new();
    private readonly Dictionary<Port, HostShare> _byPort = [];
    private readonly Stack<HostShare> _spare = new();
    private int _bytes;

    /// <summary>The oldest; null: none waits.</summary>
    public HostFrame? Oldest => _byAge.First?.Value;

    /// <summary>All, the oldest first.</summary>
    public IEnumerable<HostFrame> All => _byAge;

    /// <summary>A place for a frame, whose bytes are to be appended; null: its port has all that it may.</summary>
    public HostFrame? Add(ulong station, Port input, int length)
    {
        var cost = int.Max(length, SmallestCost);
        var own = _byPort.TryGetValue(input, out var share) ? share.Bytes : 0;
        if (own + cost > MachineLimits.HostFramesOfPort.Most)
            return null;
        while (_bytes + cost > MachineLimits.HostFrames.Most)
        {
            var largest = Largest();
            if (largest.Bytes <= own)
                return null;
            var oldest = largest.Frames.First!.Value;
            givenUp(oldest);
            Remove(oldest);
        }
        var frame = s_frames.Get();
        (frame.Station, frame.Input, frame.Cost) = (station, input, cost);
        if (!_byPort.TryGetValue(input, out share))
            _byPort.Add(input, share = _spare.TryPop(out var spare) ? spare : new());
        share.Frames.AddLast(frame.OfPort);
        share.Bytes += cost;
        _byAge.AddLast(frame.ByAge);
        _bytes += cost;
        return frame;
    }

    /// <summary>Takes one out, which is used again.</summary>
    public void Remove(HostFrame frame)
    {
        var share = _byPort[frame.Input!];
        share.Frames.Remove(frame.OfPort);
        share.Bytes -= frame.Cost;
        if (share.Frames.Count == 0)
        {
            _byPort.Remove(frame.Input!);
            _spare.Push(share);
        }
        _byAge.Remove(frame.ByAge);
        _bytes -= frame.Cost;
        frame.Input = null;
        frame.Frame.Shrink();
        s_frames.Return(frame);
    }

    /// <summary>Asked for only when all together have too much.</summary>
    private HostShare Largest() => _byPort.Values.MaxBy(share => share.Bytes)!;
}
