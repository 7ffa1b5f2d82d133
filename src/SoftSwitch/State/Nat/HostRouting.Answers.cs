using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>How what was begun outside is answered.</summary>
internal sealed partial class HostRouting
{
    /// <summary>Below <see cref="Ipv4Header.SmallestMtu"/> no route counts, whoever made it.</summary>
    public static WayTo To(Outside way, Ipv4Address destination, in RouteAnswer answer)
    {
        var mtu = answer.Mtu == 0 ? ushort.MaxValue : uint.Clamp(answer.Mtu, Ipv4Header.SmallestMtu, ushort.MaxValue);
        const uint headers = Ipv4Header.MinimumSize + TcpHeader.MinimumSize;
        var segmentMtu = answer.SegmentSize == 0 ? mtu : uint.Clamp(answer.SegmentSize, Ipv4Header.SmallestMtu, mtu) + headers;
        return new(way, answer.Gateway ?? destination, (ushort)mtu, (ushort)uint.Min(segmentMtu, mtu));
    }

    /// <summary>By which ways an answer from their address to a destination leaves; where rules look at the source, from each address that
    /// may have been asked.</summary>
    private List<WayTo> Answers(Ipv4Address destination)
    {
        if ((_rules & RuleSelectors.Source) != 0)
            return AnswersBySource.To(destination, _ways, _sources, source => _lookup.Ask(destination, source));
        var answers = new List<WayTo>();
        if (_ways.Count < 2)
            return answers;
        foreach (var (key, way) in _ways)
        {
            var answer = _lookup.Ask(destination, key.Address);
            if (answer.Verdict == RouteVerdict.Out && answer.Interface == key.Interface)
                answers.Add(To(way, destination, answer));
        }
        return answers;
    }
}
