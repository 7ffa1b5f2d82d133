using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Forwarding.Bridging;

/// <content>What its ports have tried to be, for people.</content>
public sealed partial class Bridge
{
    /// <summary>What somebody behind a guarded port has tried to be in the last two minutes: the latest of it. Null: nothing.</summary>
    public GuardNews? OffenceOf(Membership by, Instant now) => by.Offences.Recent(by, now);

    /// <summary>Takes what of that is news.</summary>
    public IReadOnlyList<GuardNews> TakeOffences(Instant now) =>
        NewsOf(member => member.Offences.TryTake(now) ? OffenceOf(member, now) : null);

    /// <summary>What a port brings that is another's for certain, in the last two minutes: the latest of it. Null: nothing.</summary>
    public PretenceNews? PretendedBy(Membership by, Instant now)
    {
        if (!by.Pretences.IsRecent(now, out var station, out var address))
            return null;
        var owner = address.Value != 0 ? _addresses.GetValueOrDefault(address)
            : _bound.GetValueOrDefault(station) ?? View[Fdb.Lookup(station.Value, now)]?.Port.Name;
        return new(by, station, address, owner);
    }

    /// <summary>Takes what of that is news.</summary>
    public IReadOnlyList<PretenceNews> TakePretences(Instant now) =>
        NewsOf(member => member.Pretences.TryTake(now) ? PretendedBy(member, now) : null);

    private List<T> NewsOf<T>(Func<Membership, T?> taken) where T : class
    {
        List<T> news = [];
        foreach (var member in View.Ports)
        {
            if (taken(member) is { } one)
                news.Add(one);
        }
        return news;
    }
}
