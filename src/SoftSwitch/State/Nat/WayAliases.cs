using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>
/// The host's other addresses at which a way's translator is asked for forwards. There are places for some. Who has one keeps it, however
/// many come: clients are connected there. One that the host loses is closed at once; its flows, and with them its place, end when it stays
/// away. A translator that goes on with what another program knew has some already: those count like the others. Used by the control loop
/// alone.
/// </summary>
internal sealed class WayAliases(Napt translator)
{
    private readonly Dictionary<Ipv4Address, Instant> _lost = [];
    private List<NaptAlias> _known = [.. translator.Aliases.Select(address => new NaptAlias(address))];

    /// <summary>Those that the host has.</summary>
    public IReadOnlyList<Ipv4Address> Open { get; private set; } = [.. translator.Aliases];

    /// <summary>Some are closed: <see cref="Follow"/> is to be called again, as time goes by.</summary>
    public bool HasLost => _lost.Count > 0;

    /// <summary>Others are open than those that were <see cref="Used"/> last.</summary>
    public bool HasNews { get; private set; }

    /// <summary>The wire hears those that are open.</summary>
    public void Used() => HasNews = false;

    /// <param name="addresses">The host's now at which forwards are asked, the most important first.</param>
    /// <param name="ended">Gets the flows that have ended.</param>
    public void Follow(IReadOnlyList<Ipv4Address> addresses, Instant now, List<OpenFlow> ended)
    {
        var others = addresses.Where(address => address != translator.OutsideAddress).ToList();
        foreach (var back in others)
            _lost.Remove(back);
        foreach (var alias in _known.Where(alias => !others.Contains(alias.Address)))
        {
            if (_lost.TryAdd(alias.Address, now))
                continue;
            if (now.Milliseconds >= (_lost[alias.Address] + OutsideWay.Patience).Milliseconds)
                _lost.Remove(alias.Address);
        }
        var places = Napt.MaximumAliases - _lost.Count;
        // The sort is stable: of those that stay as of those that come, the most important are first.
        Ipv4Address[] here = [.. others.OrderByDescending(address => _known.Exists(alias => alias.Address == address)).Take(places)];
        List<NaptAlias> known = [.. here.Select(address => new NaptAlias(address)),
            .. _lost.Keys.Select(address => new NaptAlias(address, IsClosed: true))];
        if (known.SequenceEqual(_known))
            return;
        translator.SetAliases(known, now, ended);
        _known = known;
        HasNews |= !here.SequenceEqual(Open);
        Open = here;
    }
}
