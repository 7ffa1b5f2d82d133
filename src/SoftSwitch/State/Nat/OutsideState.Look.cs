using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>What is shown of it.</summary>
internal sealed partial class OutsideState
{
    private const string
        AddressGone = "the host does not have this address there now: the flows wait for it",
        Unused = "nothing that guests have asked for leads here since the host's routes changed";

    /// <summary>What may be seen of it from any thread.</summary>
    public OutsideSnapshot Look()
    {
        Outside[] outsides = [.. Outsides];
        return new(
            _names, Interface, Foremost?.Address, Obstacle, [.. Ways()], outsides,
            [.. outsides.Select(outside => outside.Translator)], _targets.Status, _ports.Sockets.Refused,
            _absent.Absent, [.. _refused.Look(new(Environment.TickCount64))], _routing is null ? null : Ask, _lease?.Words);
    }

    private LedTo Ask(Ipv4Address destination)
    {
        var led = _routing!.Explain(destination);
        return led with
        {
            Interface = _links.FindByIndex(led.Answer.Interface)?.Name,
            IsLocalElsewhere = led.Answer.Verdict == RouteVerdict.Host && _facts?.IsReached(destination) == false,
        };
    }

    private IEnumerable<WaySnapshot> Ways()
    {
        // One that could never be opened is shown among those that are refused.
        foreach (var way in _ways.Where(way => way.Link is not null || way is { AskedBy: null, IsForForwards: false }))
            yield return way.Look(way.Station is null ? WhyNot(way) : WhyBy(way));
        if (_host.Look() is { } toHost)
            yield return toHost;
    }

    private string WhyNot(OutsideWay way) => _refused.Look(new(Environment.TickCount64))
        .FirstOrDefault(refused => refused.Address == way.Address && refused.Interface == way.Link?.Interface)?.Why
        ?? Obstacle ?? AddressGone;

    /// <summary>What leads by a way that is open.</summary>
    private string WhyBy(OutsideWay way) => _model switch
    {
        _ when _lease is not null => _lease.Words,
        _ when way.OnlyAnswers => ForForwards,
        { Interface: not null } => "named in the file",
        { Address: not null } => "an address of its own, by the interface of the default route",
        _ => _routing?.Obstacle ?? _routing?.Reasons.Of(new(way.Link?.Index ?? 0, way.Address))
            ?? (way.IsForForwards ? ForForwards : Unused),
    };
}
