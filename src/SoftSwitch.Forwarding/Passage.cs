using System.Diagnostics.CodeAnalysis;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Forwarding;

/// <summary>
/// A burst on its way through steps 3 to 8, with all that this takes: the burst, a <see cref="Dataplane"/>, an <see cref="Egress"/>.
/// <para>
/// Deciding takes about as long for each frame, but sending doesn't: one flooded frame leaves by every port of its network, one question of
/// a gateway too, one super-frame may have to be cut into a thousand. So a passage sends a part at a time (<see cref="Continue"/>), and
/// between two parts its worker may look after others and come back, whatever it is that takes so long. Ports may go meanwhile: a frame is
/// handed only to one that is still in its bridge, so a passage that rests keeps no port from being closed.
/// </para>
/// Owned by one worker.
/// </summary>
/// <param name="worker">Its number, for counters.</param>
/// <param name="failed">Told of an output that throws; null: it throws through.</param>
public sealed class Passage(int worker, Action<Port, Exception>? failed = null) : IDisposable
{
    private readonly Dataplane _dataplane = new(worker);
    private readonly Egress _egress = new(worker, failed);

    /// <summary>The delivery that is next, and what of it has begun to be sent and isn't yet.</summary>
    private int _next;
    private FrameSet _left;

    /// <summary>What a port fills before <see cref="Begin(Membership, Instant)"/>.</summary>
    public Burst Burst { get; } = new();

    /// <summary>Steps 3 to 7 for the burst.</summary>
    /// <param name="input">The place of the port that has brought it.</param>
    /// <param name="now">The time.</param>
    public void Begin(Membership input, Instant now)
    {
        (_next, _left) = (0, default);
        _dataplane.Process(Burst, Burst.All, input, now);
    }

    /// <summary>Lets an inner port do what has become due.</summary>
    public void Begin(InnerPort inner, Instant now)
    {
        (_next, _left) = (0, default);
        _dataplane.Tick(inner, Burst, now);
    }

    /// <summary>Lets an inner port do what it has called for.</summary>
    public void Resume(InnerPort inner, Instant now)
    {
        (_next, _left) = (0, default);
        _dataplane.Resume(inner, Burst, now);
    }

    /// <summary>Takes an inner port that has called for a turn of its own, as it may have in any call here. Other turns may come
    /// between.</summary>
    public bool TryTakeCalled([NotNullWhen(true)] out InnerPort? inner) => _dataplane.TryTakeCalled(out inner);

    /// <summary>Says frames of the switch's own.</summary>
    public void Begin(ReadOnlySpan<SentProbe> probes, Instant now)
    {
        (_next, _left) = (0, default);
        _dataplane.Probe(probes, Burst, now);
    }

    /// <summary>Step 8 for a part of what was decided.</summary>
    /// <param name="sends">About how many frames may be sent; a frame that must be cut is as many as it becomes.</param>
    /// <returns>True: that was all. False: there is more to send, by another call.</returns>
    public bool Continue(int sends)
    {
        for (; _next < _dataplane.Deliveries.Length; _next++)
        {
            if (sends <= 0)
                return false;
            var (output, frames, source) = _dataplane.Deliveries[_next];
            if (!_left.IsEmpty)
                frames = _left;
            if (!output.IsAttached)
                _egress.Refuse(output.Port, frames);
            else if ((_left = _egress.Transmit(source, output.Port, frames, ref sends)) is { IsEmpty: false })
                return false;
            _left = default;
        }
        _dataplane.Settle();
        return true;
    }

    /// <summary>Ends it where it is: the frames that weren't sent are not, and count as lost at the ports that they should have left
    /// by.</summary>
    public void Abort()
    {
        for (; _next < _dataplane.Deliveries.Length; _next++)
        {
            var (output, frames, _) = _dataplane.Deliveries[_next];
            _egress.Refuse(output.Port, _left.IsEmpty ? frames : _left);
            _left = default;
        }
        Abandon();
    }

    /// <summary>Forgets all of it: after a failure in the middle, the next begins with nothing.</summary>
    public void Abandon()
    {
        (_next, _left) = (0, default);
        _dataplane.Abandon();
        _egress.Abandon();
        Burst.Clear();
    }

    /// <summary>Nothing rests in it: keeps nothing of networks that may have gone.</summary>
    public void Forget() => _dataplane.Forget();

    public void Dispose()
    {
        _dataplane.Dispose();
        _egress.Dispose();
        Burst.Dispose();
    }
}
