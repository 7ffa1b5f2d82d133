using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// What a port brings that is another's for certain: a station, or an IPv4 address. Such frames are dropped and counted; here stands which,
/// for people: one a second, and each anew after a while.
/// <para>Any worker notes, without a lock: of two at once one is lost. One thread does the rest.</para>
/// </summary>
internal sealed class Pretences
{
    private static readonly TimeSpan s_silence = TimeSpan.FromMinutes(1), s_memory = TimeSpan.FromMinutes(2);

    private ulong _noted, _last;
    private Instant _toldAt, _lastAt;

    /// <summary>The port sends as a station of another's.</summary>
    public DropReason Refuse(MacAddress station)
    {
        Note(station.Value);
        return DropReason.SourceTaken;
    }

    /// <summary>The port says that it has an address of another's.</summary>
    public void Note(Ipv4Address address) => Note(new SaidAddress(address, default).Key);

    /// <summary>Takes what was noted.</summary>
    /// <returns>It is news.</returns>
    public bool TryTake(Instant now)
    {
        var noted = Interlocked.Exchange(ref _noted, 0);
        if (noted == 0)
            return false;
        var isNews = noted != _last || now.Milliseconds >= (_toldAt + s_silence).Milliseconds;
        (_last, _lastAt) = (noted, now);
        if (isNews)
            _toldAt = now;
        return isNews;
    }

    /// <summary>What was taken last, unless that is long ago.</summary>
    /// <param name="station">Zero: it is an address.</param>
    /// <param name="address">Zero: it is a station.</param>
    public bool IsRecent(Instant now, out MacAddress station, out Ipv4Address address)
    {
        var last = new MacAddress(_last);
        (station, address) = last.IsMulticast ? (new MacAddress(0), new Ipv4Address((uint)_last)) : (last, default);
        return _last != 0 && now.Milliseconds < (_lastAt + s_memory).Milliseconds;
    }

    /// <summary>Most have been noted already: then nothing is written.</summary>
    private void Note(ulong key)
    {
        if (Volatile.Read(ref _noted) == 0)
            Volatile.Write(ref _noted, key);
    }
}
