using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>
/// The host's other addresses at which a way's translator is asked for forwards. One that the host loses is closed at once, and its flows
/// end when it stays away. Used by the control loop alone.
/// </summary>
internal sealed class WayAliases(Napt translator)
{
    private readonly Dictionary<Ipv4Address, Instant> _lost = [];
    private List<NaptAlias> _known = [];

    /// <summary>Those that the host has.</summary>
    public IReadOnlyList<Ipv4Address> Open { get; private set; } = [];

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
        const int most = Napt.MaximumAliases;
        Ipv4Address[] here = [.. addresses.Where(address => address != translator.OutsideAddress).Take(most)];
        foreach (var back in here)
            _lost.Remove(back);
        foreach (var alias in _known.Where(alias => !here.Contains(alias.Address)))
        {
            if (_lost.TryAdd(alias.Address, now))
                continue;
            if (now.Milliseconds >= (_lost[alias.Address] + OutsideWay.Patience).Milliseconds)
                _lost.Remove(alias.Address);
        }
        List<NaptAlias> known = [.. here.Select(address => new NaptAlias(address)),
            .. _lost.Keys.Take(most - here.Length).Select(address => new NaptAlias(address, IsClosed: true))];
        // What has no room ends at once.
        foreach (var left in _lost.Keys.Except(known.Select(alias => alias.Address)).ToArray())
            _lost.Remove(left);
        if (known.SequenceEqual(_known))
            return;
        translator.SetAliases(known, now, ended);
        _known = known;
        HasNews |= !here.SequenceEqual(Open);
        Open = here;
    }
}
