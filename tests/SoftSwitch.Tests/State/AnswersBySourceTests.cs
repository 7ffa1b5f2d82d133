using SoftSwitch.Bounds;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;
using SoftSwitch.State.Nat;
using SoftSwitch.Tests.Routing;

namespace SoftSwitch.Tests.State;

/// <summary>Answers of a host whose rules of routing look at the source; its interface 7 is the NIC, 8 the VPN.</summary>
public sealed class AnswersBySourceTests : IDisposable
{
    private const int Nic = 7, Vpn = 8;

    private static readonly Ipv4Address s_destination = Ipv4Address.Parse("198.51.100.9");

    private readonly WaysRig _rig = new();
    private readonly List<Ipv4Address> _asked = [];

    private Dictionary<WayKey, Outside> Ways => new()
    {
        [new(Nic, _rig.ByNic.Address)] = _rig.ByNic,
        [new(Vpn, _rig.ByVpn.Address)] = _rig.ByVpn,
    };

    [Fact]
    public void However_many_addresses_the_host_has_a_few_are_asked_for_the_ways_own_first()
    {
        var sources = AnswersBySource.SourcesOf(Ways, [.. Enumerable.Range(0, 1_000).Select(Alias)]);
        Assert.Equal(ProgramLimits.AnsweredAddresses.Most, sources.Length);
        Assert.Equal([_rig.ByNic.Address, _rig.ByVpn.Address, Alias(0), Alias(1)], sources.Take(4));
        AnswersBySource.To(s_destination, Ways, sources, source => Ask(source, Nic));
        Assert.Equal(sources, _asked);
    }

    [Fact]
    public void An_answer_is_kept_for_a_way_that_is_asked_at_its_source_and_for_no_other()
    {
        _rig.ByNic.Translator.SetAliases([new(Alias(0)), new(_rig.ByVpn.Address)], default, []);
        var sources = AnswersBySource.SourcesOf(Ways, [Alias(0), Alias(1), _rig.ByVpn.Address]);
        Assert.Equal<(Outside, Ipv4Address)>(
            [(_rig.ByNic, _rig.ByNic.Address), (_rig.ByNic, _rig.ByVpn.Address), (_rig.ByNic, Alias(0))], Answers(Nic));
        Assert.Equal<(Outside, Ipv4Address)>([(_rig.ByVpn, _rig.ByVpn.Address)], Answers(Vpn));
        Assert.Empty(AnswersBySource.To(s_destination, Ways, sources, _ => new(RouteVerdict.Unreachable)));

        IEnumerable<(Outside, Ipv4Address)> Answers(int by) =>
            AnswersBySource.To(s_destination, Ways, sources, source => Ask(source, by)).Select(answer => (answer.Way, answer.From));
    }

    public void Dispose() => _rig.Dispose();

    private static Ipv4Address Alias(int number) => new(Ipv4Address.Parse("192.0.2.0").Value + (uint)number);

    private RouteAnswer Ask(Ipv4Address source, int by)
    {
        _asked.Add(source);
        return new(RouteVerdict.Out, by);
    }
}
