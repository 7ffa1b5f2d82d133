using System.Collections.Frozen;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Stations.Neighbors;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Forwarding;
using static SoftSwitch.Tests.Routing.GatewayRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>Who says in ARP that he has an address which is ours or bound to another port is heard by nobody.</summary>
public sealed class ClaimTests
{
    private const string Ours = "10.10.0.1";

    /// <summary>All that a neighbor would take for a claim of the gateway's address.</summary>
    public static TheoryData<string, byte[]> Claims()
    {
        var thief = GuestMac(0);
        var toVictim = Arp(ArpMessage.Reply, thief, Ours, GuestAddress(1), GuestMac(1));
        byte[] otherHardware = [.. toVictim];
        otherHardware[15] = 6;
        byte[] otherSender = [.. toVictim];
        new MacAddress(0x0600_0000_0666).Write(otherSender.AsSpan(22));
        var withOurs = Arp(ArpMessage.Reply, GatewayMac, Ours, Ours);
        new MacAddress(thief).Write(withOurs.AsSpan(6));
        return new()
        {
            { "an announcement by a question", Arp(ArpMessage.Request, thief, Ours, Ours) },
            { "an announcement by an answer", Arp(ArpMessage.Reply, thief, Ours, Ours) },
            { "a question for another", Arp(ArpMessage.Request, thief, Ours, GuestAddress(1)) },
            { "a question for us", Arp(ArpMessage.Request, thief, Ours, Ours, GatewayMac) },
            { "an answer to one guest", toVictim },
            { "a question to one guest", Arp(ArpMessage.Request, thief, Ours, GuestAddress(1), GuestMac(1)) },
            { "with our own MAC inside", withOurs },
            { "for a third MAC", otherSender },
            { "with a hardware type that is taken for Ethernet's", otherHardware },
            { "with a priority", Tagged(toVictim, 0x8100, 0xE000) },
            { "with a service tag's priority", Tagged(toVictim, 0x88A8, 0xE000) },
            { "behind a SNAP header", Snapped(toVictim, 0x00) },
            { "behind the SNAP header of bridges", Snapped(toVictim, 0xF8) },
            { "behind a SNAP header with a priority", Tagged(Snapped(toVictim, 0x00), 0x8100, 0xE000) },
            { "with ten priorities", Enumerable.Range(0, 10).Aggregate(toVictim, (frame, _) => Tagged(frame, 0x8100, 0)) },
        };
    }

    [Theory]
    [MemberData(nameof(Claims), DisableDiscoveryEnumeration = true)]
    public void A_claim_of_our_address_goes_no_further_and_is_contradicted_at_once(string kind, byte[] claim)
    {
        Assert.NotNull(kind);
        foreach (var lendsFrom in new int?[] { null, 60 })
        {
            using var net = new GatewayRig(lendsFrom: lendsFrom);
            net.Introduce();
            net.Rig.Carry(0, claim);
            var heard = net.Rig.Received(1);
            var said = Assert.Single(ReceivedArp.Of(heard));
            Assert.Single(heard);
            Assert.Equal((Stations.Broadcast, GatewayMac, Ours, GatewayMac),
                (said.To, said.From, said.Message.SenderAddress.ToString(), said.Message.SenderMac.Value));
            Assert.Equal(1, net.Rig.InDrops(0, DropReason.AddressTaken));
            Assert.Equal(1, net.Gateway.Ipv4Neighbors.Conflicts);
        }
    }

    [Fact]
    public void Contradicting_is_paid_by_who_claims()
    {
        using var net = new GatewayRig();
        for (var i = 0; i < 1_000; i++)
            net.Rig.Carry(0, Arp(ArpMessage.Request, GuestMac(0), Ours, Ours));
        Assert.Equal(Limits.Defences.Most, ReceivedArp.Of(net.Rig.Received(1)).Count());
        net.Rig.Received(0);
        net.Rig.Carry(1, Arp(ArpMessage.Request, GuestMac(1), Ours, Ours));
        Assert.Single(ReceivedArp.Of(net.Rig.Received(0)));
        net.Later(1);
        net.Rig.Carry(0, Arp(ArpMessage.Request, GuestMac(0), Ours, Ours));
        Assert.Single(ReceivedArp.Of(net.Rig.Received(0)));
    }

    [Fact]
    public void What_is_no_claim_or_in_a_VLAN_goes_its_way()
    {
        using var net = new GatewayRig();
        net.Introduce();
        net.Rig.Carry(0, Arp(ArpMessage.Request, GuestMac(0), "0.0.0.0", Ours));
        net.Rig.Carry(0, Arp(ArpMessage.Request, GuestMac(0), GuestAddress(0), Ours));
        net.Rig.Carry(0, Tagged(Arp(ArpMessage.Reply, GuestMac(0), Ours, Ours), 0x8100, 10));
        net.Rig.Carry(0, Stations.Frame(Stations.Broadcast, GuestMac(0), length: 20, type: EtherType.Arp));
        net.Rig.Carry(0, Snapped(Arp(ArpMessage.Request, GuestMac(0), GuestAddress(0), Ours), 0x00));
        net.Rig.Carry(0, Snapped(Arp(ArpMessage.Reply, GuestMac(0), Ours, Ours), 0x0C));
        Assert.Equal(6, net.Rig.Received(1).Count);
        Assert.Equal(0, net.Rig.Counters(0).InDropsTotal);
    }

    [Fact]
    public void A_message_that_an_output_would_complete_to_another_is_dropped()
    {
        using var net = new GatewayRig();
        net.Introduce();
        // The sum would be written over the sender's address.
        VirtioNetHeader offload = new() { Flags = VirtioNetFlags.NeedsChecksum, ChecksumStart = 14, ChecksumOffset = 16 };
        net.Rig.Carry(0, Arp(ArpMessage.Reply, GuestMac(0), "10.10.7.7", Ours), offload);
        net.Rig.Carry(0, Snapped(Arp(ArpMessage.Reply, GuestMac(0), "10.10.7.7", Ours), 0x00),
            offload with { ChecksumStart = 22, ChecksumOffset = 16 });
        net.Rig.Carry(0, Tagged(Tagged(Tagged(Stations.Frame(Stations.Broadcast, GuestMac(0)), 0x8100, 0), 0x8100, 0), 0x8100, 0),
            offload with { ChecksumStart = 22, ChecksumOffset = 2 });
        Assert.Equal(3, net.Rig.InDrops(0, DropReason.OffloadInvalid));
        Assert.Empty(net.Rig.Received(1));
    }

    [Fact]
    public void Who_claims_the_outside_address_on_its_link_is_contradicted_at_once()
    {
        using var world = new WorldRig();
        for (var i = 0; i < 3; i++)
        {
            world.Rig.Carry(WorldRig.Uplink, Arp(ArpMessage.Reply, 0x0600_0000_0666, "203.0.113.1", "203.0.113.254", WorldRig.RouterMac));
            var said = Assert.Single(ReceivedArp.Of(world.Rig.Received(WorldRig.Uplink)));
            Assert.Equal((Stations.Broadcast, WorldRig.OutsideMac), (said.To, said.Message.SenderMac.Value));
        }
        Assert.Equal(3, world.Rig.InDrops(WorldRig.Uplink, DropReason.AddressTaken));
    }

    [Fact]
    public void An_address_that_is_shared_with_the_host_is_the_hosts_to_defend()
    {
        using var world = new WorldRig(isShared: true);
        world.Rig.Carry(WorldRig.Uplink, Arp(ArpMessage.Reply, 0x0600_0000_0666, "203.0.113.1", "203.0.113.254"));
        Assert.Empty(world.Rig.Received(WorldRig.Uplink));
        Assert.Equal(0, world.Rig.InDrops(WorldRig.Uplink, DropReason.AddressTaken));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_the_file_gives_to_a_port_no_other_port_can_claim(bool hasGateway)
    {
        using var rig = new Rig(3);
        if (hasGateway)
            rig.Add(new Gateway("gateway", new(GatewayMac), Ipv4Address.Parse(Ours), Subnet("10.10.0.0/24"), 1500, 1, 0), 0);
        var bound = Ipv4Address.Parse(GuestAddress(1));
        rig.Bridge().Addresses = new Dictionary<Ipv4Address, string> { [bound] = "port1" }.ToFrozenDictionary();
        rig.Carry(0, Arp(ArpMessage.Request, GuestMac(0), GuestAddress(1), Ours));
        rig.Carry(0, Arp(ArpMessage.Reply, GuestMac(0), GuestAddress(1), GuestAddress(1)));
        Assert.Empty(rig.Received(2));
        Assert.Equal(2, rig.InDrops(0, DropReason.AddressTaken));
        rig.Carry(1, Arp(ArpMessage.Request, GuestMac(1), GuestAddress(1), Ours));
        Assert.Single(rig.Received(2));
    }

    /// <summary>As a claim in ARP: from an address that the file gives to a port no other port sends, with a gateway or without.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void From_what_the_file_gives_to_a_port_no_other_port_can_send(bool hasGateway)
    {
        using var rig = new Rig(4);
        if (hasGateway)
            rig.Add(new Gateway("gateway", new(GatewayMac), Ipv4Address.Parse(Ours), Subnet("10.10.0.0/24"), 1500, 1, 0), 0);
        var forged = (From(0, GuestAddress(7)) with { From = GuestAddress(1), Destination = Stations.Broadcast }).Build();
        rig.Carry(0, forged);
        Assert.Single(rig.Received(2));
        rig.Bridge().Addresses =
            new Dictionary<Ipv4Address, string> { [Ipv4Address.Parse(GuestAddress(1))] = "port1" }.ToFrozenDictionary();
        rig.Carry(0, forged);
        rig.Carry(0, Tagged(forged, 0x8100, 0xE000));
        rig.Carry(0, Tagged(Tagged(Tagged(forged, 0x8100, 0), 0x88A8, 0), 0x8100, 0));
        rig.Carry(0, (From(0, "198.51.100.7") with { From = GuestAddress(1) }).Build());
        Assert.Empty(rig.Received(2));
        Assert.Equal(4, rig.InDrops(0, DropReason.AddressTaken));

        // In a VLAN it is another network's; who has it sends as he likes; and a router of the LAN sends back what guests sent to it.
        rig.Carry(0, Tagged(forged, 0x8100, 7));
        rig.Carry(0, (From(0, GuestAddress(7)) with { Destination = Stations.Broadcast }).Build());
        rig.Carry(1, (From(1, GuestAddress(7)) with { Destination = Stations.Broadcast }).Build());
        rig.Member(3).LeadsToLan = true;
        rig.Carry(3, (From(3, GuestAddress(7)) with { From = GuestAddress(1), Destination = Stations.Broadcast }).Build());
        Assert.Equal(4, rig.Received(2).Count);
        Assert.Equal(4, rig.InDrops(0, DropReason.AddressTaken));
    }

    [Fact]
    public void What_a_forward_was_found_behind_no_other_port_can_claim_toward_anybody()
    {
        using var net = new GatewayRig();
        net.Rig.Add();
        var binding = new AddressBinding("port1");
        net.Gateway.Ipv4Neighbors.Bindings =
            new Dictionary<Ipv4Address, AddressBinding> { [Ipv4Address.Parse(GuestAddress(1))] = binding }.ToFrozenDictionary();
        net.Introduce();
        net.Rig.Received(2);
        net.Rig.Carry(0, Arp(ArpMessage.Reply, GuestMac(0), GuestAddress(1), GuestAddress(1)));
        Assert.Empty(net.Rig.Received(2));
        Assert.True(binding.IsContested);
    }

    private static byte[] Tagged(byte[] frame, ushort type, ushort content) =>
        [.. frame[..12], (byte)(type >> 8), (byte)type, (byte)(content >> 8), (byte)content, .. frame[12..]];

    /// <summary>The same packet in a frame that says its length, its type behind an LLC and a SNAP header.</summary>
    private static byte[] Snapped(byte[] frame, byte organization)
    {
        var length = frame.Length - EthernetHeader.Size + SnapHeader.Size;
        return [.. frame[..12], (byte)(length >> 8), (byte)length, 0xAA, 0xAA, 3, 0, 0, organization, .. frame[12..]];
    }
}
