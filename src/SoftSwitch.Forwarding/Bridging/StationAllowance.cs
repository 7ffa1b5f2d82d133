using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// How many new stations a port may bring: a bucket of <see cref="Burst"/>, filled by <see cref="PerSecond"/>. Behind an uplink thousands
/// of stations may appear at once; hundreds of thousands are forged, and each frame of theirs would be flooded to everyone. A frame beyond
/// the allowance is dropped: that costs the others next to nothing. Owned by the worker that receives from the port.
/// </summary>
public struct StationAllowance
{
    /// <summary>New or moved stations at once: what a port may hold of a network's table.</summary>
    public const int Burst = Fdb.DefaultCapacity / 2;

    /// <summary>New or moved stations a second that may go on for ever.</summary>
    public const int PerSecond = Burst / 16;

    private int _used;
    private uint _filled;

    /// <summary>Takes one; false when there is none left now.</summary>
    public bool Take(Instant now)
    {
        if (now.Seconds != _filled)
        {
            var seconds = int.Min((int)(now.Seconds - _filled), Burst / PerSecond);
            _used = int.Max(0, _used - int.Max(0, seconds) * PerSecond);
            _filled = now.Seconds;
        }
        if (_used == Burst)
            return false;
        _used++;
        return true;
    }
}
