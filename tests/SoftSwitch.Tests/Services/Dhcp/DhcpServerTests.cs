using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Services.Dhcp;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;
using static SoftSwitch.Packets.Dhcp.DhcpMessageType;

namespace SoftSwitch.Tests.Services.Dhcp;

/// <summary>What clients of DHCP hear (RFC 2131).</summary>
public sealed class DhcpServerTests
{
    [Fact]
    public void A_client_finds_itself_addressed_in_one_round()
    {
        using var net = new DhcpRig();
        Assert.Equal("Offer 10.10.0.50", net.Say(0, 1, Discover));
        Assert.Equal("Ack 10.10.0.50", net.Say(0, 1, Request, wish: "10.10.0.50", server: DhcpRig.Server));
        Assert.Equal([0, 0, 0x0E, 0x10], net.Told(DhcpOption.LeaseTime));
        Assert.Equal([0, 0, 0x07, 0x08], net.Told(DhcpOption.RenewalTime));
        Assert.Equal([0, 0, 0x0C, 0x4E], net.Told(DhcpOption.RebindingTime));
        Assert.Equal([10, 10, 0, 1], net.Told(DhcpOption.ServerIdentifier));
        Assert.Equal([255, 255, 255, 0], net.Told(DhcpOption.SubnetMask));
        Assert.Equal([10, 10, 0, 1], net.Told(DhcpOption.Router));
        Assert.Equal("10.10.0.51", net.Boot(1, 2));
    }

    [Fact]
    public void It_renews_rebinds_and_comes_back_to_the_same_address()
    {
        using var net = new DhcpRig();
        var address = net.Boot(0, 1);
        net.Later(1800);
        Assert.Equal($"Ack {address}", net.Say(0, 1, Request, has: address));
        net.Later(3500);
        Assert.Equal($"Ack {address}", net.Say(0, 1, Request, has: address));
        net.Later(7200);
        Assert.Equal(LeaseState.Kept, State(net, address));
        Assert.Equal($"Ack {address}", net.Say(0, 1, Request, wish: address));
        Assert.Equal("", net.Say(0, 1, Release, server: DhcpRig.Server, has: address));
        Assert.Equal(LeaseState.Kept, State(net, address));
        Assert.Equal(address, net.Boot(0, 1));
    }

    [Fact]
    public void Who_knows_an_address_that_we_do_not_know_gets_it_if_it_is_free()
    {
        using var net = new DhcpRig();
        Assert.Equal("Ack 10.10.0.57", net.Say(0, 1, Request, wish: "10.10.0.57"));
        Assert.Equal("Nak", net.Say(1, 2, Request, wish: "10.10.0.57"));
        Assert.Equal("Nak", net.Say(1, 2, Request, wish: "192.168.1.5"));
        Assert.Equal("Nak", net.Say(1, 2, Request, wish: "10.10.0.1"));
        Assert.Equal("Nak", net.Say(1, 2, Request, has: "10.10.0.9"));
        Assert.Equal("Ack 10.10.0.58", net.Say(1, 2, Request, has: "10.10.0.58"));
    }

    [Fact]
    public void An_offer_that_is_not_taken_is_free_again()
    {
        using var net = new DhcpRig(last: "10.10.0.50");
        Assert.Equal("Offer 10.10.0.50", net.Say(0, 1, Discover));
        Assert.Equal("", net.Say(1, 2, Discover));
        Assert.Equal("", net.Say(0, 1, Request, wish: "10.10.0.99", server: "10.10.0.2"));
        Assert.Equal("Offer 10.10.0.50", net.Say(1, 2, Discover));
        net.Later(31);
        Assert.Equal("Offer 10.10.0.50", net.Say(0, 1, Discover));
    }

    [Fact]
    public void Who_wants_it_at_once_is_bound_in_half_a_round()
    {
        using var net = new DhcpRig();
        Assert.Equal("Ack 10.10.0.50", net.Say(0, 1, Discover, also: (DhcpOption.RapidCommit, [])));
        Assert.Empty(net.Told(DhcpOption.RapidCommit)!);
        Assert.Equal(LeaseState.Bound, State(net, "10.10.0.50"));
    }

    [Fact]
    public void Who_has_an_address_of_its_own_is_told_the_rest()
    {
        using var net = new DhcpRig();
        Assert.Equal("Ack", net.Say(0, 1, Inform, has: "10.10.0.9"));
        Assert.Null(net.Told(DhcpOption.LeaseTime));
        Assert.Equal([10, 10, 0, 1], net.Told(DhcpOption.Router));
        Assert.Empty(Leases(net));
    }

    [Fact]
    public void A_client_is_told_what_it_asks_for_and_who_it_is()
    {
        using var net = new DhcpRig(also: scope => scope with
        {
            Options = [.. scope.Options, DhcpRig.Option(DhcpOption.ClasslessRoutes, [0, 10, 10, 0, 1])],
        });
        byte[] id = [0, 1, 2, 3, 4];
        net.Say(0, 1, Discover, also: [(DhcpOption.ClientIdentifier, id), (DhcpOption.ParameterRequestList, [3, 6])]);
        Assert.Equal(id, net.Told(DhcpOption.ClientIdentifier));
        Assert.Equal([10, 10, 0, 1], net.Told(DhcpOption.Router));
        Assert.Null(net.Told(DhcpOption.ClasslessRoutes));
        net.Say(0, 1, Discover, also: (DhcpOption.ParameterRequestList, [3, 121]));
        Assert.Null(net.Told(DhcpOption.Router));
        Assert.Equal([0, 10, 10, 0, 1], net.Told(DhcpOption.ClasslessRoutes));
        Assert.Null(net.Told(DhcpOption.DomainNameServer));
    }

    [Fact]
    public void What_a_client_boots_stands_in_the_fields_for_it_and_no_option_does()
    {
        using var net = new DhcpRig(also: scope => scope with
        {
            Options = [DhcpRig.Option(DhcpOption.BootFileName, [.. "pxelinux.0"u8]), .. Long()],
            Boot = (Ipv4Address.Parse("10.10.0.5"), "pxelinux.0"u8.ToArray()),
        });
        net.Say(0, 1, Discover, also: (DhcpOption.ParameterRequestList, [67, 200, 201, 202]));
        Assert.Equal((byte[])[10, 10, 0, 5], net.Last.AsSpan(DhcpHeader.NextServerOffset, 4).ToArray());
        Assert.Equal("pxelinux.0\0"u8.ToArray(), net.Last.AsSpan(DhcpHeader.FileOffset, 11).ToArray());
        Assert.Equal("pxelinux.0"u8.ToArray(), net.Told(DhcpOption.BootFileName));
        Assert.All((byte[])[200, 201], code => Assert.NotNull(net.Told(code)));
        Assert.All((byte[])[202, DhcpOption.Overload], code => Assert.Null(net.Told(code)));
    }

    [Fact]
    public void What_has_no_room_stands_in_the_names_fields_and_else_is_left_out_from_the_end_of_the_clients_list()
    {
        using var net = new DhcpRig(also: scope => scope with { Options = [.. scope.Options, .. Long()] });
        net.Say(0, 1, Discover, also: (DhcpOption.ParameterRequestList, [202, 201, 203, 200, 3]));
        // 548 bytes: two of 120 stand behind the header, one in the file's field, and there is room for a router still.
        Assert.All((byte[])[202, 201, 203], code => Assert.NotNull(net.Told(code)));
        Assert.Null(net.Told(200));
        Assert.Equal((byte[])[10, 10, 0, 1], net.Told(DhcpOption.Router));
        Assert.Equal((byte[])[1], net.Told(DhcpOption.Overload));
        Assert.InRange(net.Last.Length, 301, 548);
        // Who takes more is told more, and all of it where it belongs.
        net.Say(0, 1, Discover, also:
            [(DhcpOption.ParameterRequestList, [202, 201, 203, 200, 3]), (DhcpOption.MaximumMessageSize, [0x05, 0xDC])]);
        Assert.All((byte[])[200, 201, 202, 203], code => Assert.NotNull(net.Told(code)));
        Assert.Null(net.Told(DhcpOption.Overload));
    }

    [Fact]
    public void Routes_that_have_no_room_cost_no_client_its_router()
    {
        using var net = new DhcpRig(also: scope => scope with
        {
            Options = [.. scope.Options, DhcpRig.Option(DhcpOption.ClasslessRoutes, new byte[400])],
        });
        net.Say(0, 1, Discover, also: (DhcpOption.ParameterRequestList, [121, 3]));
        Assert.Null(net.Told(DhcpOption.ClasslessRoutes));
        Assert.Equal([10, 10, 0, 1], net.Told(DhcpOption.Router));
    }

    [Fact]
    public void A_client_may_ask_for_less_time_but_not_for_more()
    {
        using var net = new DhcpRig();
        net.Say(0, 1, Discover, also: (DhcpOption.LeaseTime, [0, 0, 0, 120]));
        Assert.Equal([0, 0, 0, 120], net.Told(DhcpOption.LeaseTime));
        net.Say(0, 1, Discover, also: (DhcpOption.LeaseTime, [255, 255, 255, 255]));
        Assert.Equal([0, 0, 0x0E, 0x10], net.Told(DhcpOption.LeaseTime));
        net.Say(0, 1, Discover, also: (DhcpOption.LeaseTime, [0, 0, 0, 0]));
        Assert.Equal([0, 0, 0, 60], net.Told(DhcpOption.LeaseTime));
    }

    [Fact]
    public void A_reserved_address_is_its_clients_and_nobody_elses()
    {
        using var net = new DhcpRig(also: scope => scope with
        {
            ByMac = new() { [DhcpRig.Mac(7)] = new(Ipv4Address.Parse("10.10.0.50"), "web"u8.ToArray()) },
            ByClient = new(DhcpClient.Comparer) { [new([0, 9, 9])] = new(Ipv4Address.Parse("10.10.0.200"), default) },
        });
        Assert.Equal("10.10.0.51", net.Boot(0, 1));
        Assert.Equal("Nak", net.Say(0, 2, Request, wish: "10.10.0.50"));
        Assert.Equal("10.10.0.50", net.Boot(1, 7, (DhcpOption.ParameterRequestList, [12])));
        Assert.Equal("web"u8.ToArray(), net.Told(DhcpOption.HostName));
        Assert.Equal("10.10.0.200", net.Boot(2, 3, (DhcpOption.ClientIdentifier, [0, 9, 9])));
        // Anybody can say another's identifier.
        Assert.Equal("", net.Boot(3, 4, (DhcpOption.ClientIdentifier, [0, 9, 9])));
        Assert.Equal("10.10.0.50", net.Boot(1, 7, (DhcpOption.ClientIdentifier, [255, 1, 2, 3])));
    }

    [Fact]
    public void Nobody_gets_what_is_reserved_by_saying_to_be_that_station()
    {
        using var net = new DhcpRig(also: scope => scope with
        {
            ByMac = new() { [DhcpRig.Mac(7)] = new(Ipv4Address.Parse("10.10.0.200"), default) },
        });
        byte[] id = [.. DhcpRig.Client(7).Id];
        Assert.NotEqual("10.10.0.200", net.Boot(0, 4, (DhcpOption.ClientIdentifier, id)));
        Assert.Equal("Nak", net.Say(0, 5, Request, wish: "10.10.0.200", also: (DhcpOption.ClientIdentifier, id)));
        // By its hardware address in the message alone.
        var payload = new byte[DhcpHeader.MinimumSize + 300];
        var writer = new DhcpWriter(payload, DhcpHeader.Request, mayOverload: false);
        DhcpRig.Mac(7).Write(writer.Header[DhcpHeader.HardwareAddressOffset..]);
        writer.TryAdd(DhcpOption.MessageType, (byte)Request);
        writer.TryAdd(DhcpOption.RequestedAddress, Ipv4Address.Parse("10.10.0.200"));
        net.Carry(0, 6, payload.AsSpan(0, writer.Finish()));
        net.Later(1);
        Assert.DoesNotContain(Leases(net), lease => $"{lease.Address}" == "10.10.0.200");

        Assert.Equal("10.10.0.200", net.Boot(1, 7));
        Assert.NotEqual("10.10.0.200", net.Boot(0, 4, (DhcpOption.ClientIdentifier, id)));
        Assert.Equal("Ack 10.10.0.200", net.Say(1, 7, Request, has: "10.10.0.200"));
    }

    [Fact]
    public void What_a_client_has_nobody_takes_by_saying_to_have_it()
    {
        using var net = new DhcpRig();
        var address = net.Boot(0, 1);
        net.Claim(3, 30, address);
        Assert.Equal($"Ack {address}", net.Say(0, 1, Request, has: address));
        Assert.Equal(LeaseState.Bound, State(net, address));
    }

    [Fact]
    public void Strangers_use_up_the_share_of_their_port_and_nothing_else()
    {
        using var net = new DhcpRig();
        var own = net.Boot(1, 250);
        for (var client = 0; client < 4; client++)
            Assert.StartsWith("10.10.0.", net.Boot(0, client));
        for (var client = 4; client < 200; client++)
            Assert.Equal("", net.Boot(0, client));
        Assert.Equal(196, net.Drops(DropReason.NoFreeAddress));
        Assert.Equal($"Ack {own}", net.Say(1, 250, Request, has: own));
        Assert.StartsWith("10.10.0.", net.Boot(2, 260));
    }

    [Fact]
    public void Whose_offers_are_all_that_a_port_has_gives_up_the_oldest()
    {
        using var net = new DhcpRig();
        var first = net.Say(0, 0, Discover);
        for (var client = 1; client < 100; client++)
            Assert.StartsWith("Offer ", net.Say(0, client, Discover));
        Assert.Equal(4, Leases(net).Count);
        Assert.Equal(first, net.Say(1, 200, Discover, wish: first[6..]));
    }

    [Fact]
    public void A_client_behind_another_port_is_another_one()
    {
        using var net = new DhcpRig();
        byte[] id = [1, 2, 3, 4];
        var first = net.Boot(0, 1, (DhcpOption.ClientIdentifier, id));
        Assert.NotEqual(first, net.Boot(1, 2, (DhcpOption.ClientIdentifier, id)));
        net.Say(1, 2, Release, server: DhcpRig.Server, has: first, also: (DhcpOption.ClientIdentifier, id));
        net.Say(1, 2, Decline, server: DhcpRig.Server, wish: first, also: (DhcpOption.ClientIdentifier, id));
        Assert.Equal(LeaseState.Bound, State(net, first));
    }

    [Fact]
    public void An_address_that_a_client_declines_is_given_to_nobody_for_a_while()
    {
        using var net = new DhcpRig(last: "10.10.0.51");
        Assert.Equal("10.10.0.50", net.Boot(0, 1));
        net.Say(0, 1, Decline, server: DhcpRig.Server, wish: "10.10.0.50");
        Assert.Equal("10.10.0.51", net.Boot(0, 1));
        Assert.Equal("", net.Boot(1, 2));
        net.Later(601);
        Assert.Equal("10.10.0.50", net.Boot(1, 2));
    }

    [Fact]
    public void An_address_that_somebody_says_to_have_is_not_given()
    {
        using var net = new DhcpRig();
        net.Claim(3, 30, "10.10.0.50");
        net.Claim(3, 30, "10.10.0.57");
        Assert.Equal("10.10.0.51", net.Boot(0, 1));
        Assert.Equal("Nak", net.Say(0, 2, Request, wish: "10.10.0.57"));
        // Its own it gets.
        Assert.Equal("Ack 10.10.0.57", net.Say(3, 30, Request, wish: "10.10.0.57"));
    }

    [Fact]
    public void Who_says_to_have_all_addresses_keeps_no_more_than_his_share_from_others()
    {
        using var net = new DhcpRig();
        for (var i = 50; i < 60; i++)
            net.Claim(3, 30, $"10.10.0.{i}");
        Assert.StartsWith("10.10.0.", net.Boot(0, 1));
        Assert.StartsWith("10.10.0.", net.Boot(1, 2));
    }

    [Fact]
    public void What_is_relayed_goes_back_to_the_relay_with_what_it_has_said()
    {
        using var net = new DhcpRig();
        var payload = new byte[400];
        var writer = new DhcpWriter(payload, DhcpHeader.Request, mayOverload: false, [1, 2, 0xAA, 0xBB]);
        Ipv4Address.Parse("10.10.0.9").Write(writer.Header[DhcpHeader.RelayOffset..]);
        DhcpRig.Mac(44).Write(writer.Header[DhcpHeader.HardwareAddressOffset..]);
        writer.TryAdd(DhcpOption.MessageType, (byte)Discover);
        var length = writer.Finish();
        net.Carry(0, 3, payload.AsSpan(0, length), has: "10.10.0.9");
        var heard = net.Rig.Received(0);
        var answer = Nat.NatPacket.Read(Assert.Single(heard).Bytes);
        Assert.Equal("udp 10.10.0.1:67 > 10.10.0.9:67", answer.ToString());
        Assert.Equal(DhcpRig.Mac(3), MacAddress.Read(heard[0].Bytes));
        Assert.True(DhcpMessage.TryRead(answer.Payload, out var message));
        Assert.True(message.TryGet(DhcpOption.RelayAgentInformation, new byte[10], out var relay));
        Assert.Equal([1, 2, 0xAA, 0xBB], relay.ToArray());
        Assert.Equal(DhcpRig.Mac(44), message.HardwareAddress);

        Ipv4Address.Parse("10.99.0.9").Write(payload.AsSpan(DhcpHeader.RelayOffset));
        net.Carry(0, 3, payload.AsSpan(0, length), has: "10.10.0.9");
        Assert.Empty(net.Rig.Received(0));
        Assert.Equal(1, net.Drops(DropReason.NotRouted));
    }

    [Fact]
    public void Another_range_leaves_who_has_an_address_until_its_time_has_come()
    {
        using var net = new DhcpRig();
        var old = net.Boot(0, 1);
        net.Leases.Scope = net.Leases.Scope with { Range = (Ipv4Address.Parse("10.10.0.80"), Ipv4Address.Parse("10.10.0.89")) };
        Assert.Equal(LeaseState.Bound, State(net, old));
        Assert.Equal("Nak", net.Say(0, 1, Request, has: old));
        Assert.StartsWith("10.10.0.8", net.Boot(0, 1));
        net.Later(3601);
        Assert.DoesNotContain(Leases(net), lease => lease.Address.ToString() == old);
    }

    [Fact]
    public void Sixty_five_thousand_clients_get_sixty_five_thousand_addresses()
    {
        const int clients = 65_000;
        using var net = new DhcpRig(also: scope => scope with
        {
            Server = Ipv4Address.Parse("10.0.0.1"),
            Subnet = Routing.GatewayRig.Subnet("10.0.0.0/16"),
            Range = (Ipv4Address.Parse("10.0.1.0"), Ipv4Address.Parse("10.0.255.254")),
            MostOfPort = 65_536,
        });
        var given = new HashSet<string>();
        for (var client = 0; client < clients; client++)
        {
            (byte, byte[]) id = (DhcpOption.ClientIdentifier, [0, 1, (byte)(client >> 8), (byte)client]);
            var offer = net.Say(0, 1, Discover, also: id);
            Assert.StartsWith("Offer ", offer);
            Assert.Equal($"Ack {offer[6..]}", net.Say(0, 1, Request, wish: offer[6..], server: "10.0.0.1", also: id));
            Assert.True(given.Add(offer[6..]), $"{offer[6..]} was given twice");
            // The port's budget of questions is for a second.
            if (client % 10_000 == 9_999)
                net.Later(1);
        }
        Assert.Equal(clients, Leases(net).Count(lease => lease.State == LeaseState.Bound));
    }

    /// <summary>Four options of which a short message has room for some.</summary>
    private static IEnumerable<DhcpOptionValue> Long() =>
        Enumerable.Range(200, 4).Select(code => DhcpRig.Option((byte)code, new byte[120]));

    private static List<LeaseRecord> Leases(DhcpRig net)
    {
        var leases = new List<LeaseRecord>();
        net.Leases.CopyTo(leases);
        return leases;
    }

    private static LeaseState? State(DhcpRig net, string address) =>
        Leases(net).Find(lease => lease.Address.ToString() == address)?.State;
}
