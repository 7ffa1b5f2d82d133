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
    private readonly NotedKey _key = new();

    /// <summary>The port sends as a station of another's.</summary>
    public DropReason Refuse(MacAddress station)
    {
        _key.Note(station.Value);
        return DropReason.SourceTaken;
    }

    /// <summary>The port says that it has an address of another's.</summary>
    public void Note(Ipv4Address address) => _key.Note(new SaidAddress(address, default).Key);

    /// <summary>Takes what was noted.</summary>
    /// <returns>It is news.</returns>
    public bool TryTake(Instant now) => _key.TryTake(now);

    /// <summary>What was taken last, unless that is long ago.</summary>
    /// <param name="station">Zero: it is an address.</param>
    /// <param name="address">Zero: it is a station.</param>
    public bool IsRecent(Instant now, out MacAddress station, out Ipv4Address address)
    {
        var last = new MacAddress(_key.Recent(now));
        (station, address) = last.IsMulticast ? (new MacAddress(0), new Ipv4Address((uint)last.Value)) : (last, default);
        return last.Value != 0;
    }
}
