using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// What somebody behind a guarded port has tried to be, for people: one a second, and each anew after a while. The worker that carries the
/// port's frames notes, without a lock: what comes before the last was taken is lost. One other thread does the rest.
/// </summary>
internal sealed class Offences
{
    /// <summary>Behind an address's 48 bits: what it is.</summary>
    private const int ThingShift = 48;

    private readonly NotedKey _key = new();

    /// <summary>It has no room in the key. Nobody writes it between the key's noting and its taking.</summary>
    private Ipv6Address _noted, _last;

    public void Note(GuardedThing what, MacAddress station) => _key.Note((ulong)what << ThingShift | station.Value);

    public void Note(Ipv4Address address) => _key.Note((ulong)GuardedThing.Address << ThingShift | address.Value);

    public void Note(Ipv6Address address)
    {
        if (!_key.IsFree)
            return;
        _noted = address;
        _key.Note((ulong)GuardedThing.AddressIpv6 << ThingShift);
    }

    /// <summary>Takes what was noted.</summary>
    /// <returns>It is news.</returns>
    public bool TryTake(Instant now)
    {
        if (_key.IsFree)
            return false;
        _last = _noted;
        return _key.TryTake(now);
    }

    /// <summary>What was taken last; null: nothing, or that is long ago.</summary>
    public GuardNews? Recent(Membership by, Instant now)
    {
        var last = _key.Recent(now);
        var (what, key) = ((GuardedThing)(last >> ThingShift), last & ((1UL << ThingShift) - 1));
        return what switch
        {
            GuardedThing.None => null,
            GuardedThing.Address => new(by, what, default, new(new((uint)key), default)),
            GuardedThing.AddressIpv6 => new(by, what, default, new(default, _last)),
            _ => new(by, what, new(key), default),
        };
    }
}
