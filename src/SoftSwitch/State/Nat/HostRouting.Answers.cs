using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>Who packets are handed to, and how what was begun outside is answered.</summary>
internal sealed partial class HostRouting
{
    /// <summary>So often the kernel is asked for a router that it is finding: an answer on a LAN takes less than one.</summary>
    private const int FindingMilliseconds = 5;

    private const int Second = 1_000;

    private List<(Ipv4Address Destination, Port By, Gateway? Gateway)> _waiting = [];
    private bool _isBeingFound;
    private long _nextSecond;

    /// <summary>Below <see cref="Ipv4Header.SmallestMtu"/> no route counts, whoever made it.</summary>
    public static WayTo To(Outside way, Ipv4Address destination, in RouteAnswer answer)
    {
        var mtu = answer.Mtu == 0 ? ushort.MaxValue : uint.Clamp(answer.Mtu, Ipv4Header.SmallestMtu, ushort.MaxValue);
        const uint headers = Ipv4Header.MinimumSize + TcpHeader.MinimumSize;
        var segmentMtu = answer.SegmentSize == 0 ? mtu : uint.Clamp(answer.SegmentSize, Ipv4Header.SmallestMtu, mtu) + headers;
        return new(way, answer.Gateway ?? destination, (ushort)mtu, (ushort)uint.Min(segmentMtu, mtu));
    }

    private static NoWay WhyNot(RouteVerdict verdict) => verdict switch
    {
        RouteVerdict.Unreachable => NoWay.Unreachable,
        RouteVerdict.Prohibited => NoWay.Prohibited,
        RouteVerdict.Blackhole => NoWay.Blackhole,
        // One of the host's is told when the way to the host is open: then all is asked for again.
        RouteVerdict.NoRoute or RouteVerdict.NotForGuests or RouteVerdict.Out or RouteVerdict.Host => NoWay.NoRoute,
        _ => throw new InvalidOperationException($"{verdict} is no verdict of routing"),
    };

    /// <summary>By which ways an answer from their address to a destination leaves; where rules look at the source, from each address that
    /// may have been asked.</summary>
    private List<WayTo> Answers(Ipv4Address destination)
    {
        if ((_rules & RuleSelectors.Source) != 0)
            return AnswersBySource.To(destination, _ways, _sources, source => WithHop(_lookup.Ask(destination, source)));
        var answers = new List<WayTo>();
        if (_ways.Count < 2)
            return answers;
        foreach (var (key, way) in _ways)
        {
            var answer = WithHop(_lookup.Ask(destination, key.Address));
            if (answer.Verdict == RouteVerdict.Out && answer.Interface == key.Interface)
                answers.Add(To(way, destination, answer));
        }
        return answers;
    }

    /// <summary>Puts a number in the place of a router's IPv6 address. Until its MAC is known, the answer is none yet.</summary>
    private RouteAnswer WithHop(in RouteAnswer answer)
    {
        if (answer is not { Verdict: RouteVerdict.Out, Ipv6Gateway: { } address })
            return answer;
        var index = answer.Interface;
        // One that isn't open yet is asked for first. By one that carries bare IP nobody needs a MAC.
        if (_ways.FirstOrDefault(way => way.Key.Interface == index).Value is not { HasOnlyNeighbor: false })
            return answer;
        var number = _hops.Look(index, address, Now, out var isBeingFound);
        _isBeingFound |= isBeingFound;
        return number is null && !isBeingFound ? answer with { Verdict = RouteVerdict.NotForGuests } : answer with { Gateway = number };
    }

    private bool WaitForHop(Ipv4Address destination, Port by, Gateway? gateway)
    {
        if (_waiting.Count < MostPending)
            _waiting.Add((destination, by, gateway));
        _loop.TickBy(Environment.TickCount64 + FindingMilliseconds);
        return false;
    }

    private void FollowHops(long now)
    {
        if (_hops.Tick(new(now)))
        {
            var waiting = _waiting;
            _waiting = [];
            foreach (var (destination, by, gateway) in waiting)
            {
                if (Routes.Contains(destination, Now) || Ask(destination, by, gateway))
                    gateway?.Know(destination);
            }
            Resume();
        }
        if (_hops.IsFinding)
            _loop.TickBy(Environment.TickCount64 + FindingMilliseconds);
    }
}
