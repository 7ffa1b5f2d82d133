using System.Globalization;
using SoftSwitch.Bounds;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>
/// Forwards are asked by every interface of the host, and at each of its addresses. So there are ways beside those that lead out: where the
/// host's routing decides, ways like others; else ways by which nothing leaves but answers to what came in there.
/// </summary>
internal sealed partial class OutsideState
{
    private const string ForForwards = "for forwards: who asks one by this interface is answered";

    private ForwardModel[] _forwards;
    private IReadOnlyList<Ipv4Address> _asked = [];
    private bool _isToldOfWays, _isForwardRefused;

    /// <summary>Opens the ways by which forwards are asked, and closes those that only answer where they are asked no more.</summary>
    private void BringForwardWays(HostIpv4 host)
    {
        _isForwardRefused = false;
        if (!IsShared || _forwards.Length == 0)
        {
            foreach (var way in _ways.Where(way => way.OnlyAnswers).ToArray())
            {
                Close(way);
                End(way);
            }
            return;
        }
        OutsideLink[] all = [.. new ForwardPlaces(host, _links, _switch).Ways.Where(link => link.Index != _link?.Index)];
        var links = all[..int.Min(all.Length, ProgramLimits.ForwardWays.Most)];
        if (all.Length > links.Length && !_isToldOfWays)
        {
            _isToldOfWays = true;
            Warn(string.Create(CultureInfo.InvariantCulture, $"forwards are answered by {links.Length} interfaces beside the one that ")
                + $"leads out, not by {string.Join(", ", all[links.Length..].Select(link => link.Interface))}");
        }
        foreach (var way in _ways.Where(way => way is { OnlyAnswers: true, Station: not null } && !links.Contains(way.Link)).ToArray())
            Close(way);
        foreach (var link in links)
            BringForwardWay(link, host);
        foreach (var way in Open.Where(way => !way.IsAsked))
        {
            // The one that was asked has gone.
            if (!Open.Any(other => other.IsAsked && other.Link!.Index == way.Link!.Index))
                Ask(way, true);
        }
        TellUnserved();
    }

    private void BringForwardWay(OutsideLink link, HostIpv4 host)
    {
        var key = new WayKey(link.Index, link.Address);
        try
        {
            var way = WayFor(link, by: null, onlyAnswers: _routing is null || IsNamedByAnother(link), isForForwards: true);
            way.IsForForwards = true;
            if (way.Station is null)
                OpenWire(way, link, host);
            _refused.Forget(key);
        }
        catch (Exception e)
        {
            // The others are none the worse for it. It is tried again with the next second.
            _isForwardRefused = true;
            if (_refused.Note(key, link.Interface, Mistake.Text(e), new(Environment.TickCount64)))
                Warn($"forwards are not answered by {link.Interface}: {Mistake.Text(e)}");
        }
    }

    /// <summary>There the ports that guests leave from are another outside's.</summary>
    private bool IsNamedByAnother(OutsideLink link) => _switch.Networks.Any(network =>
        network.Nat?.Outside is { SharesHost: true, Interface: { } name } outside && name == link.Interface && name != _model.Interface
        && SharesPorts(outside));

    /// <summary>Has forwards asked at the addresses that the host has now. The wires hear of it with the next <see cref="Tick"/>.</summary>
    private void FollowAddresses(HostIpv4 host)
    {
        if (!IsShared || (_forwards.Length == 0 && _asked.Count == 0 && !_ways.Any(way => way.HasLost)))
            return;
        _asked = _forwards.Length == 0 ? [] : new ForwardPlaces(host, _links, _switch).Addresses(_forwards);
        foreach (var way in _ways)
            FollowAddresses(way);
    }

    /// <summary>By some way they aren't asked at some address of the host.</summary>
    private void TellUnserved() => _unserved.Follow(
        [.. _asked.Where(address => Open.Any(way => way.IsAsked && way.Address != address && !way.Aliases.Contains(address)))]);

    /// <summary>From now on forwards are asked by a way, or not.</summary>
    private void Ask(OutsideWay way, bool isAsked)
    {
        if (way.IsAsked != isAsked)
        {
            way.IsAsked = isAsked;
            _targets.Renew();
        }
        var now = new Instant(Environment.TickCount64);
        foreach (var network in _networks.Where(_ => !isAsked))
            way.Translator.SetForwards(network.Policy, [], now);
        FollowAddresses(way);
    }

    private void FollowAddresses(OutsideWay way)
    {
        var ended = new List<OpenFlow>();
        way.Follow(_asked, new(Environment.TickCount64), ended);
        TellGuests(ended);
    }

    /// <summary>The networks behind the ways, as a way by an interface knows them: by it nobody has an address of a network of ours, but
    /// of the one whose interface it is. With an address of its own it is a machine on the LAN, which the host speaks to with its
    /// addresses in host-only networks too.</summary>
    /// <param name="link">Null: the way to the host, which has addresses in host-only networks.</param>
    private InsideNetworks InsideOf(OutsideLink? link) => new([.. _networks.Select(network => network.Gateway)],
    [
        .. _switch.Networks.Where(one => one.Mode == NetworkMode.Nat
            || (one.Mode == NetworkMode.HostOnly && IsShared && link is not null && one.HostInterface != link.Interface))
            .Select(one => one.Subnet).OfType<Ipv4Subnet>(),
    ]);

    private void Warn(string text) => _running.Log.News(LogSubject.OfOutside(Name), LogLevel.Warning, text);
}
