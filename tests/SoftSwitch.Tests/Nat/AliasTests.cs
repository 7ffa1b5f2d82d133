using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Nat;

/// <summary>Other addresses outside at which forwards are asked.</summary>
public sealed class AliasTests
{
    private static readonly Ipv4Address Server = Ipv4Address.Parse("10.0.0.9");
    private static readonly NaptForward Web = new(new(IpProtocol.Tcp, 8001, 8001), Server, 80);
    private static readonly NaptForward Dns = new(new(IpProtocol.Udp, 53, 54), Server, 53);

    [Fact]
    public void A_forward_is_asked_at_each_address_and_answers_with_the_one_that_was_asked()
    {
        using var rig = Rig(Web, Dns);
        Alias(rig, "203.0.113.2", "198.51.100.1");
        foreach (var (i, address) in new[] { "203.0.113.1", "203.0.113.2", "198.51.100.1" }.Index())
        {
            Assert.Equal($"tcp 192.0.2.7:{1000 + i} > 10.0.0.9:80 S",
                rig.In($"tcp 192.0.2.7:{1000 + i} > {address}:8001 S seq=1").ToString());
            Assert.Equal($"tcp {address}:8001 > 192.0.2.7:{1000 + i} SA",
                rig.Out($"tcp 10.0.0.9:80 > 192.0.2.7:{1000 + i} SA seq=9 ack=2").ToString());
            Assert.Equal($"udp 192.0.2.7:{1000 + i} > 10.0.0.9:54", rig.In($"udp 192.0.2.7:{1000 + i} > {address}:54").ToString());
            Assert.Equal($"udp {address}:54 > 192.0.2.7:{1000 + i}", rig.Out($"udp 10.0.0.9:54 > 192.0.2.7:{1000 + i}").ToString());
        }
        Assert.Equal(["198.51.100.1", "203.0.113.1", "203.0.113.2"], rig.Flows.Select(flow => $"{flow.Outside}").Distinct().Order());
    }

    [Fact]
    public void At_an_alias_there_are_forwards_and_nothing_else()
    {
        using var rig = new NatRig(new NaptPolicy { Filtering = NaptFiltering.EndpointIndependent });
        rig.Napt.SetForwards(0, [Dns], rig.Now);
        Alias(rig, "203.0.113.2");
        var port = rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53").SourcePort;
        Assert.Equal(NaptVerdict.NotOurs, rig.Inbound($"udp 192.0.2.8:53 > 203.0.113.2:{port}").Verdict);
        Assert.Equal(NaptVerdict.NotOurs, rig.Inbound($"udp 192.0.2.7:53 > 203.0.113.2:{port}").Verdict);
        Assert.Equal(NaptVerdict.NotOurs, rig.Inbound("udp 192.0.2.7:53 > 203.0.113.3:53").Verdict);
        Assert.Equal(NaptVerdict.Translated, rig.Inbound($"udp 192.0.2.8:53 > 203.0.113.1:{port}").Verdict);
        var (alias, udp) = (Ipv4Address.Parse("203.0.113.2"), IpProtocol.Udp);
        Assert.True(rig.Napt.Claims(alias, udp, 53) && rig.Napt.Claims(NatRig.Outside, udp, 53));
        Assert.True(rig.Napt.Claims(NatRig.Outside, udp, port));
        Assert.False(rig.Napt.Claims(alias, udp, port) || rig.Napt.Claims(Ipv4Address.Parse("203.0.113.3"), udp, 53));
    }

    [Fact]
    public void A_forward_that_names_its_address_is_nowhere_else()
    {
        using var rig = new NatRig();
        Alias(rig, "203.0.113.2", "203.0.113.3");
        rig.Napt.SetForwards(0, [Dns with { On = Ipv4Address.Parse("203.0.113.2") }], rig.Now);
        Assert.Equal(NaptVerdict.NotOurs, rig.Inbound("udp 192.0.2.7:1000 > 203.0.113.1:53").Verdict);
        Assert.Equal(NaptVerdict.NotOurs, rig.Inbound("udp 192.0.2.7:1000 > 203.0.113.3:53").Verdict);
        rig.In("udp 192.0.2.7:1000 > 203.0.113.2:53");
        Assert.False(rig.Napt.Claims(NatRig.Outside, IpProtocol.Udp, 53));
        // Elsewhere from now on: what it had there ends.
        rig.Napt.SetForwards(0, [Dns with { On = NatRig.Outside }], rig.Now);
        Assert.Empty(rig.Flows);
        Assert.Equal(NaptVerdict.NotOurs, rig.Inbound("udp 192.0.2.7:1000 > 203.0.113.2:53").Verdict);
        rig.In("udp 192.0.2.7:1000 > 203.0.113.1:53");
        rig.Napt.SetForwards(0, [Dns with { On = NatRig.Outside }], rig.Now);
        Assert.Single(rig.Flows);
    }

    [Fact]
    public void One_port_leads_to_different_hosts_at_different_addresses()
    {
        using var rig = new NatRig(new NaptPolicy(), new NaptPolicy());
        Alias(rig, "203.0.113.2", "203.0.113.3");
        NaptForward first = Web with { On = Ipv4Address.Parse("203.0.113.2") };
        NaptForward second = Web with { On = Ipv4Address.Parse("203.0.113.3"), Inside = Ipv4Address.Parse("10.1.0.9") };
        rig.Napt.SetForwards(0, [first, Web with { On = NatRig.Outside, Inside = Ipv4Address.Parse("10.0.0.8") }], rig.Now);
        rig.Napt.SetForwards(1, [second], rig.Now);
        Assert.Throws<ArgumentException>(() => rig.Napt.SetForwards(1, [second, first], rig.Now));
        Assert.Throws<ArgumentException>(() => rig.Napt.SetForwards(1, [second, second], rig.Now));
        // One client, from one port, has all of them at once.
        foreach (var (policy, address, host) in new[]
            { (0, "203.0.113.1", "10.0.0.8"), (0, "203.0.113.2", "10.0.0.9"), (1, "203.0.113.3", "10.1.0.9") })
        {
            Assert.Equal($"tcp 192.0.2.7:1000 > {host}:80 S", rig.In($"tcp 192.0.2.7:1000 > {address}:8001 S seq=1").ToString());
            Assert.Equal($"tcp {address}:8001 > 192.0.2.7:1000 SA",
                rig.Out($"tcp {host}:80 > 192.0.2.7:1000 SA seq=9 ack=2", policy).ToString());
        }
        // What such a host begins is a flow like any other's.
        Assert.InRange(rig.Out("tcp 10.0.0.9:80 > 192.0.2.8:443 S").SourcePort, 16_384, 29_999);
        rig.Napt.SetPolicy(0, new() { FirstPort = 20_000 }, rig.Now);
        Assert.Equal(4, rig.Flows.Count);
        rig.Napt.SetForwards(0, [first], rig.Now);
        Assert.Equal(["10.0.0.9", "10.0.0.9", "10.1.0.9"], rig.Flows.Select(flow => $"{flow.Inside}").Order());
        rig.Napt.RemovePolicy(1, rig.Now);
        Assert.Equal(NaptVerdict.NotOurs, rig.Inbound("tcp 192.0.2.7:1001 > 203.0.113.3:8001 S seq=1").Verdict);
        rig.Napt.RemovePolicy(0, rig.Now);
        Assert.Equal((0, 0), (rig.Napt.Counters.Flows, rig.Napt.Counters.Mappings));
    }

    [Fact]
    public void Who_speaks_by_one_address_does_not_by_another_until_that_is_done()
    {
        using var rig = Rig(Web, Dns);
        Alias(rig, "203.0.113.2");
        rig.In("udp 192.0.2.7:1000 > 203.0.113.2:53");
        Assert.Equal(DropReason.NatUnmatched, rig.Inbound("udp 192.0.2.7:1000 > 203.0.113.1:53").Drop);
        Assert.Equal("udp 203.0.113.2:53 > 192.0.2.7:1000", rig.Out("udp 10.0.0.9:53 > 192.0.2.7:1000").ToString());

        rig.In("tcp 192.0.2.7:1000 > 203.0.113.2:8001 S seq=1");
        rig.Out("tcp 10.0.0.9:80 > 192.0.2.7:1000 SA seq=9 ack=2");
        rig.In("tcp 192.0.2.7:1000 > 203.0.113.2:8001 FA seq=2 ack=10");
        Assert.Equal(DropReason.NatUnmatched, rig.Inbound("tcp 192.0.2.7:1000 > 203.0.113.1:8001 S seq=5").Drop);
        rig.Out("tcp 10.0.0.9:80 > 192.0.2.7:1000 FA seq=10 ack=3");
        rig.In("tcp 192.0.2.7:1000 > 203.0.113.2:8001 A seq=3 ack=11");
        rig.In("tcp 192.0.2.7:1000 > 203.0.113.1:8001 S seq=5");
        Assert.Equal("tcp 203.0.113.1:8001 > 192.0.2.7:1000 SA", rig.Out("tcp 10.0.0.9:80 > 192.0.2.7:1000 SA seq=9 ack=6").ToString());
    }

    [Fact]
    public void Errors_belong_to_the_address_that_was_asked()
    {
        using var rig = Rig(Dns);
        Alias(rig, "203.0.113.2", "203.0.113.3");
        var asked = rig.In("udp 192.0.2.7:1000 > 203.0.113.2:53 len=20");
        var answer = rig.Out("udp 10.0.0.9:53 > 192.0.2.7:1000 len=30");
        // A router on the way of the answer.
        var error = NatPacket.Parse("icmp 198.51.100.9 > 203.0.113.2 df") with { IcmpType = 3, Payload = answer.BuildPacket() };
        var heard = rig.Inbound(error.Build()).Packet;
        Assert.Equal(Server, heard.Destination);
        Assert.Equal("10.0.0.9", AddressAt(heard.Payload, 12));
        foreach (var other in new[] { "203.0.113.1", "203.0.113.3" })
            Assert.Equal(NaptVerdict.NotOurs, rig.Inbound((error with { Destination = Ipv4Address.Parse(other) }).Build()).Verdict);
        // The server itself.
        error = NatPacket.Parse("icmp 10.0.0.9 > 192.0.2.7 df") with { IcmpType = 3, IcmpCode = 3, Payload = asked.BuildPacket() };
        var told = rig.Outbound(error.Build()).Packet;
        Assert.Equal("203.0.113.2", told.Source.ToString());
        Assert.Equal("203.0.113.2", AddressAt(told.Payload, 16));
    }

    [Fact]
    public void An_insider_asks_by_an_alias_and_sees_the_outside_address()
    {
        using var rig = Rig(Dns);
        Alias(rig, "203.0.113.2");
        var asked = rig.Hairpin("udp 10.0.0.5:4000 > 203.0.113.2:53").Packet;
        Assert.Equal(("203.0.113.1", "10.0.0.9"), ($"{asked.Source}", $"{asked.Destination}"));
        Assert.Equal("udp 203.0.113.2:53 > 10.0.0.5:4000",
            rig.Hairpin($"udp 10.0.0.9:53 > 203.0.113.1:{asked.SourcePort}").Packet.ToString());
    }

    [Fact]
    public void Fragments_cross_both_ways_with_the_address_that_was_asked()
    {
        using var rig = Rig(Dns);
        Alias(rig, "203.0.113.2");
        foreach (var fragment in Fragments("udp 192.0.2.7:1000 > 203.0.113.2:53 len=3000"))
            Assert.Equal("10.0.0.9", AddressAt(rig.Inbound(fragment).Frame, 14 + 16));
        var answer = Fragments("udp 10.0.0.9:53 > 192.0.2.7:1000 len=3000");
        Assert.Equal("203.0.113.2", AddressAt(rig.Outbound(answer[0]).Frame, 14 + 12));
        Assert.Equal("203.0.113.2", AddressAt(rig.Outbound(answer[1]).Frame, 14 + 12));
        // The host loses the address meanwhile.
        Alias(rig);
        Assert.Equal(DropReason.NatUnmatched, rig.Outbound(answer[2]).Drop);

        static List<byte[]> Fragments(string packet) => FragmentTests.Cut(NatPacket.Parse(packet), 1480);
    }

    [Fact]
    public void An_alias_that_is_gone_ends_its_flows_and_those_alone_and_whose_they_are_is_told()
    {
        using var rig = Rig(Web, Dns);
        Alias(rig, "203.0.113.2", "203.0.113.3");
        rig.In("udp 192.0.2.7:1001 > 203.0.113.1:53");
        rig.In("udp 192.0.2.7:1002 > 203.0.113.2:53");
        rig.In("tcp 192.0.2.7:1003 > 203.0.113.3:8001 S seq=1");
        rig.Out("tcp 10.0.0.9:80 > 192.0.2.7:1003 SA seq=9 ack=2");
        rig.In("tcp 192.0.2.7:1003 > 203.0.113.3:8001 A seq=2 ack=10");
        var ended = Alias(rig, "203.0.113.2", "203.0.113.4");
        Assert.Equal((1003, 2u), Assert.Single(ended.Select(flow => ((int)flow.RemotePort, flow.Expected))));
        Assert.Equal([1001, 1002], rig.Flows.Select(flow => (int)flow.RemotePort).Order());
        Assert.Equal(NaptVerdict.NotOurs, rig.Inbound("tcp 192.0.2.7:1004 > 203.0.113.3:8001 S seq=1").Verdict);
        Assert.Equal("udp 203.0.113.2:53 > 192.0.2.7:1002", rig.Out("udp 10.0.0.9:53 > 192.0.2.7:1002").ToString());
        rig.In("udp 192.0.2.7:1005 > 203.0.113.4:53");
        Assert.Equal("udp 203.0.113.4:53 > 192.0.2.7:1005", rig.Out("udp 10.0.0.9:53 > 192.0.2.7:1005").ToString());
    }

    [Fact]
    public void While_an_alias_is_closed_its_flows_wait_and_nothing_leaves_with_it()
    {
        using var rig = Rig(Dns);
        Alias(rig, "203.0.113.2");
        rig.In("udp 192.0.2.7:1000 > 203.0.113.2:53");
        rig.Napt.SetAliases([new(Ipv4Address.Parse("203.0.113.2"), IsClosed: true)], rig.Now, []);
        Assert.Equal(DropReason.NatUnmatched, rig.Outbound("udp 10.0.0.9:53 > 192.0.2.7:1000").Drop);
        Assert.Equal(NaptVerdict.NotOurs, rig.Inbound("udp 192.0.2.7:1000 > 203.0.113.2:53").Verdict);
        Alias(rig, "203.0.113.2");
        Assert.Equal("udp 203.0.113.2:53 > 192.0.2.7:1000", rig.Out("udp 10.0.0.9:53 > 192.0.2.7:1000").ToString());
    }

    [Fact]
    public void As_many_aliases_as_there_are_numbers_may_all_become_others()
    {
        using var rig = Rig(Dns);
        for (var round = 0; round < 3; round++)
        {
            Alias(rig, [.. Enumerable.Range(1, Napt.MaximumAliases).Select(i => $"198.51.{round}.{i}")]);
            for (var i = 1; i <= Napt.MaximumAliases; i++)
            {
                rig.In($"udp 192.0.2.{round}:{1000 + i} > 198.51.{round}.{i}:53");
                Assert.Equal($"198.51.{round}.{i}", rig.Out($"udp 10.0.0.9:53 > 192.0.2.{round}:{1000 + i}").Source.ToString());
            }
        }
        Assert.Throws<ArgumentOutOfRangeException>(
            () => Alias(rig, [.. Enumerable.Range(0, Napt.MaximumAliases + 1).Select(i => $"198.51.9.{i}")]));
        Assert.Throws<ArgumentException>(() => Alias(rig, "203.0.113.1"));
        Assert.Throws<ArgumentException>(() => Alias(rig, "203.0.113.2", "203.0.113.2"));
    }

    [Fact]
    public void Two_ends_that_are_at_it_by_another_translator_begin_nothing_here()
    {
        using var rig = Rig(Dns);
        using var second = Translator.Of(
            new() { OutsideAddress = Ipv4Address.Parse("198.51.100.1"), Capacity = 100, Seed = 7 }, new NaptPolicy());
        second.SetForwards(0, [Dns], rig.Now);
        (rig.Napt.Others, second.Others) = ([second], [rig.Napt]);
        using var other = new NatRig(second);
        other.In("udp 192.0.2.7:1000 > 198.51.100.1:53");
        Assert.Equal(DropReason.NatUnmatched, rig.Inbound("udp 192.0.2.7:1000 > 203.0.113.1:53").Drop);
        rig.In("udp 192.0.2.7:1001 > 203.0.113.1:53");
    }

    private static string AddressAt(byte[] bytes, int offset) => Ipv4Address.Read(bytes.AsSpan(offset)).ToString();

    private static NatRig Rig(params NaptForward[] forwards)
    {
        var rig = new NatRig();
        rig.Napt.SetForwards(0, forwards, rig.Now);
        return rig;
    }

    private static List<OpenFlow> Alias(NatRig rig, params string[] aliases)
    {
        var ended = new List<OpenFlow>();
        rig.Napt.SetAliases([.. aliases.Select(alias => new NaptAlias(Ipv4Address.Parse(alias)))], rig.Now, ended);
        return ended;
    }
}
