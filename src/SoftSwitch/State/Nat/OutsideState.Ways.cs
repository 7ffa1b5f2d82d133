using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Logging;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>How ways out come and go.</summary>
internal sealed partial class OutsideState
{
    /// <summary>Each has a socket, a guard, and room for flows.</summary>
    private const int MostWays = 16;

    private const int SlotsAtOnce = 4096;

    /// <param name="host">What the host has now.</param>
    /// <param name="milliseconds">How long it may wait for who may have an address of our own.</param>
    /// <returns>Why there is no way out; null: there is one, or nobody has answered yet who may have the address.</returns>
    private string? Bring(HostIpv4 host, int milliseconds)
    {
        _facts = host;
        foreach (var way in _ways)
            way.Note(_lease?.Holds(way.Address) ?? (!IsShared || host.IsOwn(way.Address)), new(Environment.TickCount64));
        FollowAddresses(host);
        if (IsShared)
            _absent.Follow(host);
        _hosts?.Follow(host);
        var link = Find(host, milliseconds, out var obstacle);
        CloseDisplaced(link);
        _link = link;
        if (link is not null)
        {
            var way = WayFor(link, by: null, onlyAnswers: false);
            if (way.Station is null)
            {
                OpenWire(way, link, host);
                _running.Log.News(LogSubject.OfOutside(Name), LogLevel.Info,
                    $"by {link.Interface} as {link.Address}"
                    + (IsShared ? $", the host's, with ports {_model.Ports}" : _lease is null ? "" : $", {_lease.Words}"));
            }
            if (_ways[0] != way)
                _ways = [way, .. _ways.Where(other => other != way)];
        }
        BringForwardWays(host);
        foreach (var way in Open)
            way.Station!.NextHops = NextHopsFrom(way.Link!, host);
        // The world is reached also while something is wrong with the way to the host.
        Publish();
        FollowHost(host);
        return Foremost is null ? obstacle : null;
    }

    /// <summary>Nothing leaves with an address that isn't the host's any more, or by an interface that is another's by now; the flows live
    /// on until it comes back.</summary>
    /// <param name="link">The one way out, where the host's routing doesn't decide; null: there is none.</param>
    private void CloseDisplaced(OutsideLink? link)
    {
        foreach (var way in Open.ToArray())
        {
            var stays = _routing is null && !way.OnlyAnswers ? link is not null && link == way.Link && way.IsInPlace
                : Now(way) is { } now && now == way.Link;
            if (!stays)
                Close(way);
        }
    }

    private string? ObstacleOf(OutsideLink link) => IsShared && _taken(this, link) is { } other ? SharerOf(link, other) : null;

    /// <summary>Why it can't lead out where another does.</summary>
    public string SharerOf(OutsideLink link, string other) =>
        $"network {other} leaves by {link.Interface} from the same ports and names it otherwise: give each ports of its own (outside: "
            + "{ ports: … }), or write the same interface: in both, and they share them";

    private OutsideLink? Now(OutsideWay way) => OutsideLink.At(_links, _facts!.Addresses, way.Link!.Index, way.Address);

    /// <summary>That of an address, on this interface or on none; or a new one.</summary>
    /// <param name="by">The port that asks for it; null: one that all have.</param>
    /// <param name="onlyAnswers">Nothing begins there inside.</param>
    /// <param name="isForForwards">It isn't worth another way.</param>
    /// <exception cref="InvalidOperationException">All are taken.</exception>
    private OutsideWay WayFor(OutsideLink link, Port? by, bool onlyAnswers, bool isForForwards = false)
    {
        OutsideWay[] known = [.. _ways.Where(way => way.Address == link.Address && way.OnlyAnswers == onlyAnswers)];
        if ((Array.Find(known, way => way.Station is not null && way.Link!.Index == link.Index)
            ?? Array.Find(known, static way => way.Station is null)) is { } there)
        {
            // One that all have is given up for nobody.
            there.AskedBy = by is null ? null : there.AskedBy;
            return there;
        }
        // One that could never be opened takes no other's place.
        if (_ways.Length >= MostWays && _ways.FirstOrDefault(way => way.Link is null) is { } vain)
            End(vain);
        if (isForForwards && _ways.Length >= MostWays)
            throw new InvalidOperationException(AllTaken);
        // Where one way leads out, the flows of an address end when another is in its place.
        var isReplaced = _routing is null && !onlyAnswers;
        foreach (var way in _ways.Where(way => way.Station is null
            && (_ways.Length >= MostWays || (isReplaced && !way.OnlyAnswers))).ToArray())
            End(way);
        if (_ways.Length >= MostWays)
            MakeRoom();
        // One that was there before is called as it was.
        var number = Array.Find(_left, way => (way.Index, way.Address, way.OnlyAnswers) == (link.Index, link.Address, onlyAnswers))?.Number
            ?? Enumerable.Range(1, MostWays).First(free => !_ways.Any(way => way.Number == free));
        var log = _logs?.Take();
        try
        {
            var added = new OutsideWay(_running, _model, Name, number, _ports, _lans,
                InheritFlows(_options.Translator(link.Address, isHost: false, log, onlyAnswers), FlowsOf(number)), log);
            KeepLessees(added.Translator);
            added.AskedBy = by;
            _ways = [.. _ways, added];
            return added;
        }
        catch when (log is not null)
        {
            // There is no memory for a translator yet.
            _logs!.GiveBack(log);
            throw;
        }
    }

    private void OpenWire(OutsideWay way, OutsideLink link, HostIpv4 host)
    {
        if (IsShared)
            _awaited.Take(new(Environment.TickCount64));
        Ask(way, !Open.Any(other => other.IsAsked && other.Link!.Index == link.Index));
        way.Open(link, NextHopsFrom(link, host), InsideOf(link), _routing?.Routes);
        GiveWay(way);
        _targets.Renew();
        _targets.ApplyChanged(Asked, new(Environment.TickCount64));
    }

    private void FollowHost(HostIpv4 host)
    {
        if (!IsShared)
            return;
        // Also while nothing leads out the host is there, by whatever address it has.
        var shared = Foremost?.Address ?? host.Addresses.Where(address => address is { IsGlobal: true, Address.IsLoopback: false })
            .Select(address => (Ipv4Address?)address.Address).FirstOrDefault();
        if (!_host.Follow(shared, host) && shared is { } address)
        {
            // Nothing may have led out yet.
            _awaited.Take(new(Environment.TickCount64));
            _host.Open(address, host, 
                own => InheritFlows(_options.Translator(own, isHost: true, _hostLog ??= _logs?.Take()), FlowsOfHost),
                InsideOf(null));
            _targets.Renew();
        }
        _targets.ApplyChanged(Asked, new(Environment.TickCount64));
        Publish();
        _host.Lead(_ports);
    }

    /// <summary>Tells the gateways where packets can go now, and those of others that share the host's addresses.</summary>
    private void Publish()
    {
        var inside = _switch.Networks.Select(network => network.Subnet).OfType<Ipv4Subnet>().ToArray();
        OutsideWay[] open = _facts is null ? [] : [.. Open.Where(way => !_closing.Contains(way))];
        OutsideWay[] leading = [.. open.Where(way => !way.OnlyAnswers)];
        var toHost = _facts is null ? null : _host.Way?.Station;
        Ipv4Address[] reached = open.Length == 0 && toHost is null ? [] : [.. _facts!.Reached];
        var ways = new WaysOut([.. leading.Select(way => way.Station!)], toHost, reached, inside,
            _routing?.Routes, answering: [.. open.Except(leading).Select(way => way.Station!)],
            aliases: [.. leading.SelectMany(way => way.Aliases).Distinct()], elsewhere: _elsewhere(this),
            local: [.. _facts?.Local ?? []]);
        foreach (var network in _networks)
            network.Gateway.Ways = ways;
        if (Station != _introduced)
        {
            _introduced = Station;
            _introduce(this);
        }
        IntroduceTranslators();
        _routing?.Lead(leading.ToDictionary(way => new WayKey(way.Link!.Index, way.Address), way => way.Station!), toHost,
            [.. leading.SelectMany(way => way.Aliases).Distinct()]);
    }

    /// <summary>Tells the translators of each other.</summary>
    private void IntroduceTranslators()
    {
        Napt[] all = [.. Translators.Append(_host.Way?.Translator).OfType<Napt>()];
        foreach (var translator in all)
            translator.Others = [.. all.Where(other => other != translator)];
    }

    /// <summary>Programs notice that their flows have ended, as they do on a host whose address is gone.</summary>
    private void TellGuests(Napt translator)
    {
        var some = new List<OpenFlow>();
        for (var first = 0; first < translator.SlotCount; first += SlotsAtOnce)
        {
            some.Clear();
            translator.CopyOpenTo(some, first, SlotsAtOnce, new(Environment.TickCount64));
            TellGuests(some);
        }
    }

    private void TellGuests(List<OpenFlow> ended)
    {
        if (ended.Count == 0)
            return;
        foreach (var flow in ended)
            Array.Find(_networks, network => network.Policy == flow.Policy)?.Gateway.End(flow);
        foreach (var network in _networks)
            _running.Workers.First.Resume(network.Gateway, e => _running.Log.Failed(new(Name), e));
    }

    private void Close(OutsideWay way)
    {
        _closing.Add(way);
        try
        {
            Publish();
        }
        finally
        {
            way.Close();
            _closing.Remove(way);
        }
    }

    /// <summary>Ends the ways whose addresses the host hasn't had for a while.</summary>
    private void EndLost(Instant now)
    {
        foreach (var way in _ways.Where(way => way.IsLost(now)).ToArray())
        {
            if (way.Link is { } link)
            {
                var why = _lease is null ? "the host has lost the address there" : "it is not lent any more";
                _running.Log.News(LogSubject.OfOutside(Name), LogLevel.Info,
                    $"by {link.Interface} as {way.Address} no more: {why}, so what went that way has ended");
            }
            End(way);
        }
    }

    private void End(OutsideWay way)
    {
        _ways = [.. _ways.Where(other => other != way)];
        IntroduceTranslators();
        way.Dispose();
        TellGuests(way.Translator);
        EndFlows(way.Translator);
        if (way.Log is { } log)
            _logs!.GiveBack(log);
    }
}
