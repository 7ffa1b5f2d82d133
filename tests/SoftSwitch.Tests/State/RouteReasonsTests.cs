using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;
using SoftSwitch.State.Nat;

namespace SoftSwitch.Tests.State;

public class RouteReasonsTests
{
    private static readonly WayKey s_nic = new(2, Ipv4Address.Parse("192.0.2.7")), s_vpn = new(3, Ipv4Address.Parse("10.8.0.2"));

    private readonly RouteReasons _reasons = new()
    {
        // Of table main there are two rules, as WireGuard makes them: nobody knows which it was.
        Rules = new(RuleSelectors.None, new Dictionary<uint, uint?> { [51820] = 32764, [254] = null, [253] = 32767 }),
    };

    [Fact]
    public void A_way_has_the_tables_that_lead_there_and_the_rule_where_only_one_can_be_it()
    {
        _reasons.Note(s_vpn, 51820);
        _reasons.Note(s_nic, 254);
        _reasons.Note(s_nic, 254);
        Assert.Equal(("rule 32764, table 51820", "table main"), (_reasons.Of(s_vpn), _reasons.Of(s_nic)));
        _reasons.Note(s_nic, 253);
        Assert.Equal("rule 32767, table default; table main", _reasons.Of(s_nic));
        _reasons.Note(s_nic, 77);
        Assert.Equal("table 77; rule 32767, table default; table main", _reasons.Of(s_nic));
    }

    [Fact]
    public void What_led_there_before_a_change_is_no_reason()
    {
        _reasons.Note(s_vpn, 51820);
        _reasons.Clear();
        Assert.Null(_reasons.Of(s_vpn));
    }

    [Fact]
    public void However_many_tables_there_are_few_are_kept()
    {
        for (uint table = 1; table <= 1000; table++)
            _reasons.Note(s_nic, table);
        Assert.Equal("table 1; table 2; table 3; table 4", _reasons.Of(s_nic));
    }
}
