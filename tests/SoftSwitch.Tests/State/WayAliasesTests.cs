using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Packets;
using SoftSwitch.State.Nat;
using SoftSwitch.Tests.Nat;

namespace SoftSwitch.Tests.State;

/// <summary>The addresses of a host at which a way is asked for forwards, as they come and go.</summary>
public sealed class WayAliasesTests : IDisposable
{
    private readonly NatRig _rig = new();
    private readonly WayAliases _aliases;
    private readonly List<OpenFlow> _ended = [];

    public WayAliasesTests()
    {
        _rig.Napt.SetForwards(0, [new(new(IpProtocol.Udp, 53, 53), Ipv4Address.Parse("10.0.0.9"), 53)], _rig.Now);
        _aliases = new(_rig.Napt);
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void An_address_that_is_lost_is_closed_at_once_and_its_flows_end_when_it_stays_away()
    {
        Assert.True(Follow("203.0.113.1", "203.0.113.2", "203.0.113.3"));
        Assert.Equal(["203.0.113.2", "203.0.113.3"], Open);
        Assert.False(Follow("203.0.113.1", "203.0.113.2", "203.0.113.3"));
        Converse("203.0.113.2");
        Assert.True(Follow("203.0.113.3"));
        Assert.True(_aliases.HasLost);
        Assert.Equal(NaptVerdict.NotOurs, _rig.Inbound("udp 192.0.2.7:1000 > 203.0.113.2:53").Verdict);
        _rig.Wait(4);
        Follow("203.0.113.3");
        Assert.Single(_rig.Flows);
        // It comes back in time.
        Assert.True(Follow("203.0.113.3", "203.0.113.2"));
        Assert.False(_aliases.HasLost);
        Assert.Equal("203.0.113.2", _rig.Out("udp 10.0.0.9:53 > 192.0.2.7:1000").Source.ToString());

        Follow("203.0.113.3");
        _rig.Wait(5);
        Follow("203.0.113.3");
        Assert.Empty(_rig.Flows);
        Assert.False(_aliases.HasLost);
    }

    /// <summary>An address that moves from machine to machine has moved when this one was killed: nothing leaves in its name.</summary>
    [Fact]
    public void What_another_program_was_asked_at_and_the_host_has_no_more_is_closed_at_once()
    {
        Follow("203.0.113.2", "203.0.113.3");
        Converse("203.0.113.2");
        // The translator is another program's, as it has left it.
        var next = new WayAliases(_rig.Napt);
        Assert.Equal(["203.0.113.2", "203.0.113.3"], next.Open.Select(address => $"{address}"));
        next.Follow([], _rig.Now, _ended);
        Assert.Empty(next.Open);
        Assert.True(next.HasLost);
        Assert.NotEqual(NaptVerdict.Translated, _rig.Outbound("udp 10.0.0.9:53 > 192.0.2.7:1000").Verdict);
        Assert.Equal(NaptVerdict.NotOurs, _rig.Inbound("udp 192.0.2.7:1000 > 203.0.113.2:53").Verdict);
        _rig.Wait(5);
        next.Follow([], _rig.Now, _ended);
        Assert.Empty(_rig.Flows);
        Assert.False(next.HasLost);
    }

    [Fact]
    public void Who_has_a_place_keeps_it_whoever_comes_and_for_a_moment_who_is_lost_too()
    {
        Follow("203.0.113.2");
        Converse("203.0.113.2");
        string[] many = [.. Enumerable.Range(1, 40).Select(i => $"198.51.100.{i}")];
        Follow([.. many, "203.0.113.2"]);
        Assert.Equal(["203.0.113.2", .. many[..(Napt.MaximumAliases - 1)]], Open);
        Assert.Empty(_ended);
        Converse("203.0.113.2");

        // Its flows wait for it, though others would have the place.
        Follow(many);
        Assert.True(_aliases.HasLost);
        Assert.Equal(many[..(Napt.MaximumAliases - 1)], Open);
        Assert.Equal(NaptVerdict.NotOurs, _rig.Inbound("udp 192.0.2.7:1000 > 203.0.113.2:53").Verdict);
        _rig.Wait(4);
        Follow([.. many, "203.0.113.2"]);
        Assert.Equal("203.0.113.2", _rig.Out("udp 10.0.0.9:53 > 192.0.2.7:1000").Source.ToString());

        // When it stays away the guest is told that they have ended, and the next of the others has the place.
        Follow(many);
        _rig.Wait(5);
        Assert.True(Follow(many));
        Assert.Equal("192.0.2.7", Assert.Single(_ended).Remote.ToString());
        Assert.Equal(many[..Napt.MaximumAliases], Open);
        Assert.False(_aliases.HasLost);
        Converse(many[Napt.MaximumAliases - 1]);
    }

    [Fact]
    public void What_the_wire_does_not_hear_yet_stays_news_until_it_does()
    {
        Note("203.0.113.2");
        // The kernel refused it, and nothing has changed since.
        Note("203.0.113.2");
        Assert.True(_aliases.HasNews);
        _aliases.Used();
        Note("203.0.113.2");
        Assert.False(_aliases.HasNews);
        Note();
        Assert.True(_aliases.HasNews);
    }

    private IEnumerable<string> Open => _aliases.Open.Select(address => $"{address}");

    /// <returns>True: the wire was told of others.</returns>
    private bool Follow(params string[] addresses)
    {
        Note(addresses);
        var isNews = _aliases.HasNews;
        _aliases.Used();
        return isNews;
    }

    private void Note(params string[] addresses) =>
        _aliases.Follow([.. addresses.Select(address => Ipv4Address.Parse(address))], _rig.Now, _ended);

    private void Converse(string address)
    {
        _rig.In($"udp 192.0.2.7:1000 > {address}:53");
        Assert.Equal(address, _rig.Out("udp 10.0.0.9:53 > 192.0.2.7:1000").Source.ToString());
    }
}
