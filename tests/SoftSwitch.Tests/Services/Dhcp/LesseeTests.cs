using SoftSwitch.Forwarding.Services.Dhcp;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;
using static SoftSwitch.Packets.Dhcp.DhcpMessageType;

namespace SoftSwitch.Tests.Services.Dhcp;

/// <summary>What a client of ours says to servers outside, and what comes of their answers (RFC 2131, 4.4).</summary>
public sealed class LesseeTests
{
    private const string Server = LesseeRig.Server, Other = LesseeRig.Other;

    [Fact]
    public void It_takes_the_first_offer_and_uses_the_address_when_nobody_else_has_it()
    {
        var net = new LesseeRig();
        net.Lessee.Begin(net.Now, null, isLent: false);
        Assert.Equal("discover", net.Heard());
        Assert.Equal([1, .. Bytes(LesseeRig.Mac)], net.Told(DhcpOption.ClientIdentifier));
        Assert.Equal([1, 3, 51, 58, 59], net.Told(DhcpOption.ParameterRequestList));
        Assert.Equal("request 192.0.2.77 of 192.0.2.1", net.Answer(Offer));
        Assert.Equal("", net.Answer(Offer, address: "192.0.2.78", server: Other));
        Assert.Equal("", net.Answer(Ack));
        Assert.Equal(LesseeState.Checking, net.Lessee.State);
        Assert.Null(net.Lease);
        net.Lessee.Accept();
        Assert.Equal("192.0.2.77/24 by 192.0.2.1", net.Lease);
        Assert.Equal("", net.Pass(1799));
    }

    [Fact]
    public void Without_an_answer_it_asks_again_less_and_less_often()
    {
        var net = new LesseeRig();
        net.Lessee.Begin(net.Now, null, isLent: false);
        Assert.Equal("discover", net.Heard());
        var times = net.Pass(400).Split("; ").Select(word => int.Parse(word.Split(':')[0])).Prepend(0).ToArray();
        var pauses = times.Zip(times.Skip(1), (one, next) => next - one).ToArray();
        Assert.True(pauses.Length >= 8);
        // A second more or less, and a tick's.
        Assert.All(pauses.Zip([4, 8, 16, 32, 64, 64, 64, 64]), pair => Assert.InRange(pair.First, pair.Second - 1, pair.Second + 2));
        Assert.NotEqual(net.Pass(400), new LesseeRig(seed: 2) is var two ? Begun(two).Pass(400) : "");
    }

    [Fact]
    public void An_offer_whose_server_says_no_more_is_given_up_after_a_minute()
    {
        var net = Begun(new());
        Assert.StartsWith("request", net.Answer(Offer));
        var said = net.Pass(70).Split("; ").Select(word => word.Split(": ")[1]).Take(4).ToArray();
        Assert.Equal(["request 192.0.2.77 of 192.0.2.1", "request 192.0.2.77 of 192.0.2.1", "request 192.0.2.77 of 192.0.2.1", "discover"],
            said);
    }

    /// <summary>One that is quick to offer, and never says another word or only no, doesn't keep the address of another from us.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void After_an_offer_that_came_to_nothing_others_come_first_and_that_server_again_where_there_is_no_other(bool refuses)
    {
        var net = Begun(new());
        Assert.StartsWith("request 192.0.2.88 of 192.0.2.2", net.Answer(Offer, "192.0.2.88", Other));
        Assert.Equal(refuses ? "discover" : "", refuses ? net.Answer(Nak, server: Other) : "");
        if (!refuses)
            Assert.EndsWith("discover", net.PassUntil(LesseeState.Selecting));
        Assert.Equal("", net.Answer(Offer, "192.0.2.88", Other));
        Assert.Equal("request 192.0.2.77 of 192.0.2.1", net.Answer(Offer));
        // Nor does that one's silence keep that of the first from us.
        Assert.EndsWith("discover", net.PassUntil(LesseeState.Selecting));
        Assert.StartsWith("request 192.0.2.88 of 192.0.2.2", net.Answer(Offer, "192.0.2.88", Other));
        Assert.EndsWith("discover", net.PassUntil(LesseeState.Selecting));
        Assert.Equal("", net.Answer(Offer, "192.0.2.88", Other));
        Assert.Matches("^[3-6]: discover$", net.Pass(6));
        Assert.StartsWith("request 192.0.2.88 of 192.0.2.2", net.Answer(Offer, "192.0.2.88", Other));
    }

    [Fact]
    public void It_renews_at_its_server_rebinds_at_all_and_asks_anew_when_the_lease_has_ended()
    {
        var net = new LesseeRig();
        net.Boot(seconds: 3600);
        // T1 is half an hour; then after half of what is left until T2, and not sooner than a minute.
        Assert.Equal("1800: renew 192.0.2.77 at 192.0.2.1; 2475: renew 192.0.2.77 at 192.0.2.1; 2813: renew 192.0.2.77 at 192.0.2.1; "
            + "2982: renew 192.0.2.77 at 192.0.2.1; 3066: renew 192.0.2.77 at 192.0.2.1; 3126: renew 192.0.2.77 at 192.0.2.1",
            net.Pass(3149));
        Assert.Equal("1: rebind 192.0.2.77; 226: rebind 192.0.2.77; 339: rebind 192.0.2.77; 399: rebind 192.0.2.77", net.Pass(449));
        Assert.Equal("192.0.2.77/24 by 192.0.2.1", net.Lease);
        Assert.Equal("2: discover 192.0.2.77", net.Pass(2));
        Assert.Null(net.Lease);
        Assert.False(net.Lessee.Holds(Ipv4Address.Parse("192.0.2.77")));
        Assert.Equal("the lease of 192.0.2.77 has ended, and no server has prolonged it", net.Lessee.Ended);
    }

    [Fact]
    public void A_short_lease_is_asked_for_again_more_often()
    {
        var net = new LesseeRig();
        net.Boot(seconds: 24);
        Assert.Equal("12: renew 192.0.2.77 at 192.0.2.1; 17: renew 192.0.2.77 at 192.0.2.1; 20: renew 192.0.2.77 at 192.0.2.1; "
            + "21: rebind 192.0.2.77; 24: discover 192.0.2.77", net.Pass(24));
    }

    [Fact]
    public void A_renewed_lease_counts_from_when_more_time_was_asked_for()
    {
        var net = new LesseeRig();
        net.Boot(seconds: 100);
        Assert.Equal("50: renew 192.0.2.77 at 192.0.2.1", net.Pass(55));
        Assert.Equal("", net.Answer(Ack, seconds: 100));
        Assert.Equal(LesseeState.Bound, net.Lessee.State);
        Assert.Equal("45: renew 192.0.2.77 at 192.0.2.1", net.Pass(45));
        Assert.Equal("", net.Answer(Ack, seconds: 100, router: "192.0.2.254", mask: "255.255.254.0"));
        Assert.Equal("192.0.2.77/23 by 192.0.2.254", net.Lease);
    }

    [Fact]
    public void Only_its_server_renews_a_lease_and_any_rebinds_it()
    {
        var net = new LesseeRig();
        net.Boot(seconds: 800);
        net.Pass(400);
        Assert.Equal("", net.Answer(Nak, server: Other));
        net.Answer(Ack, server: Other);
        Assert.Equal(LesseeState.Renewing, net.Lessee.State);
        net.Pass(300);
        Assert.Equal(LesseeState.Rebinding, net.Lessee.State);
        net.Answer(Ack, server: Other, seconds: 800);
        Assert.Equal(LesseeState.Bound, net.Lessee.State);
        Assert.EndsWith("renew 192.0.2.77 at 192.0.2.2", net.Pass(401));
    }

    [Fact]
    public void The_server_s_own_times_count_where_they_make_sense()
    {
        var net = new LesseeRig();
        net.Boot(1000, (DhcpOption.RenewalTime, [0, 0, 0, 20]), (DhcpOption.RebindingTime, [0, 0, 0, 40]));
        Assert.Equal("20: renew 192.0.2.77 at 192.0.2.1; 40: rebind 192.0.2.77", net.Pass(45));
        net = new();
        net.Boot(1000, (DhcpOption.RenewalTime, [0, 0, 9, 9]), (DhcpOption.RebindingTime, [0, 0, 4, 4]));
        Assert.Equal("500: renew 192.0.2.77 at 192.0.2.1", net.Pass(501));
    }

    [Fact]
    public void A_lease_for_ever_is_never_asked_for_again()
    {
        var net = new LesseeRig();
        net.Boot(seconds: uint.MaxValue);
        Assert.Equal("", net.Pass(100_000));
        Assert.NotNull(net.Lease);
    }

    [Fact]
    public void Who_is_refused_loses_the_address_at_once_and_begins_anew()
    {
        var net = new LesseeRig();
        net.Boot(seconds: 100);
        net.Pass(50);
        Assert.Equal("discover", net.Answer(Nak));
        Assert.Null(net.Lease);
        Assert.Equal("192.0.2.1 says that 192.0.2.77 is not ours any more", net.Lessee.Ended);
        // A server that only refuses is asked less and less often.
        Assert.Equal("request 192.0.2.77 of 192.0.2.1", net.Answer(Offer));
        Assert.Equal("", net.Answer(Nak));
        Assert.Matches("^[7-9]: discover$", net.Pass(9));
        net.Pass(6);
        net.Answer(Offer);
        Assert.Equal("", net.Answer(Nak));
        Assert.Matches("^1[5-7]: discover$", net.Pass(17));
        net.Pass(6);
        net.Answer(Offer, address: "192.0.2.78");
        net.Answer(Ack, address: "192.0.2.78");
        net.Lessee.Accept();
        Assert.Equal("192.0.2.78/24 by 192.0.2.1", net.Lease);
    }

    [Fact]
    public void What_it_had_before_is_asked_for_at_once()
    {
        var net = new LesseeRig();
        net.Lessee.Begin(net.Now, Ipv4Address.Parse("192.0.2.77"), isLent: true);
        Assert.Equal("request 192.0.2.77", net.Heard());
        Assert.True(net.Lessee.Holds(Ipv4Address.Parse("192.0.2.77")));
        Assert.Equal("", net.Answer(Ack));
        net.Lessee.Accept();
        Assert.Equal("192.0.2.77/24 by 192.0.2.1", net.Lease);
    }

    [Fact]
    public void What_it_had_before_is_wished_for_where_nobody_says_a_word_or_the_lease_has_ended()
    {
        var net = new LesseeRig();
        net.Lessee.Begin(net.Now, Ipv4Address.Parse("192.0.2.77"), isLent: true);
        net.Heard();
        Assert.Matches("^[3-5]: request 192.0.2.77; 1[0-5]: discover 192.0.2.77$", net.Pass(15));
        net = new();
        net.Lessee.Begin(net.Now, Ipv4Address.Parse("192.0.2.77"), isLent: false);
        Assert.Equal("discover 192.0.2.77", net.Heard());
    }

    [Fact]
    public void On_another_network_what_it_had_before_is_refused_and_forgotten()
    {
        var net = new LesseeRig();
        net.Lessee.Begin(net.Now, Ipv4Address.Parse("10.9.9.9"), isLent: true);
        Assert.Equal("request 10.9.9.9", net.Heard());
        Assert.Equal("discover", net.Answer(Nak));
        Assert.False(net.Lessee.Holds(Ipv4Address.Parse("10.9.9.9")));
    }

    [Fact]
    public void An_address_that_somebody_else_has_is_declined_and_another_asked_for_after_ten_seconds()
    {
        var net = Begun(new());
        net.Answer(Offer);
        net.Answer(Ack);
        net.Lessee.Decline(net.Now);
        Assert.Equal("decline 192.0.2.77 of 192.0.2.1", net.Heard());
        Assert.Null(net.Told(DhcpOption.ParameterRequestList));
        Assert.Equal("10: discover", net.Pass(10));
        net.Answer(Offer, address: "192.0.2.78");
        net.Answer(Ack, address: "192.0.2.78");
        net.Lessee.Accept();
        Assert.Equal("192.0.2.78/24 by 192.0.2.1", net.Lease);
    }

    [Fact]
    public void An_address_of_which_nobody_finds_out_who_has_it_is_declined_after_half_a_minute()
    {
        var net = Begun(new());
        net.Answer(Offer);
        net.Answer(Ack);
        Assert.Equal("30: decline 192.0.2.77 of 192.0.2.1; 40: discover", net.Pass(40));
        Assert.Equal("192.0.2.1: whether somebody else has 192.0.2.77 could not be found out", Assert.Single(net.Refused));
    }

    [Fact]
    public void When_the_link_is_back_what_is_lent_is_used_on_and_everybody_is_asked()
    {
        var net = new LesseeRig();
        net.Boot();
        net.Lessee.LinkIsBack(net.Now);
        Assert.Equal("rebind 192.0.2.77", net.Heard());
        Assert.NotNull(net.Lease);
        Assert.Matches("^[3-6]: rebind 192.0.2.77$", net.Pass(6));
        Assert.Equal("discover", net.Answer(Nak, server: Other));
        Assert.Null(net.Lease);
        net.Pass(100);
        net.Lessee.LinkIsBack(net.Now);
        Assert.Equal("discover", net.Heard());
    }

    [Fact]
    public void Only_what_answers_the_question_counts()
    {
        var net = Begun(new());
        Assert.Equal("", net.Answer(Offer, transaction: net.Transaction + 1));
        Assert.Equal("", net.Answer(Offer, mac: MacAddress.Parse("32:00:00:00:00:08")));
        Assert.Equal("", net.Answer(Ack));
        Assert.Equal("", net.Answer(Nak));
        Assert.Equal("", net.Answer(Offer, server: "0.0.0.0"));
        Assert.Equal("", Given(net, frame => frame[42] = DhcpHeader.Request));
        Assert.Equal("", Given(net, frame => frame[34 + 1] = 68));
        Assert.Equal("", Given(net, frame => frame[36 + 1] = 67));
        Assert.Equal("", Given(net, frame => frame[24]++));
        Assert.Equal("", Given(net, frame => frame[40] = 1));
        Assert.Equal("", Given(net, frame => frame[13] = 6));
        Assert.Equal(LesseeState.Selecting, net.Lessee.State);
        var first = net.Transaction;
        Assert.Equal("request 192.0.2.77 of 192.0.2.1", Given(net, static _ => { }));
        Assert.Equal(first, net.Transaction);
        Assert.Equal("", net.Answer(Ack, server: Other));
        Assert.Equal("", net.Answer(Nak, server: Other));
        Assert.Equal(LesseeState.Requesting, net.Lessee.State);
    }

    [Theory]
    [InlineData("0.0.0.0", "255.255.255.0", null, 3600, "0.0.0.0 is no address that a station has")]
    [InlineData("127.0.0.5", "255.0.0.0", null, 3600, "127.0.0.5 is no address that a station has")]
    [InlineData("224.0.0.5", "255.255.255.0", null, 3600, "224.0.0.5 is no address that a station has")]
    [InlineData("255.255.255.255", "255.255.255.0", null, 3600, "255.255.255.255 is no address that a station has")]
    [InlineData("169.254.1.5", "255.255.0.0", null, 3600, "169.254.1.5 is no address that a station has")]
    [InlineData("192.0.2.77", null, null, 3600, "it says no subnet mask for 192.0.2.77")]
    [InlineData("192.0.2.77", "255.0.255.0", null, 3600, "255.0.255.0 is no subnet mask")]
    [InlineData("192.0.2.77", "0.0.0.0", null, 3600, "the subnet of 192.0.2.77/0 is wider than any LAN")]
    [InlineData("192.0.2.77", "254.0.0.0", null, 3600, "the subnet of 192.0.2.77/7 is wider than any LAN")]
    [InlineData("192.0.2.77", "255.255.255.254", null, 3600, "the subnet of 192.0.2.77/31 has no room for a router and a station")]
    [InlineData("192.0.2.77", "255.255.255.255", null, 3600, "the subnet of 192.0.2.77/32 has no room for a router and a station")]
    [InlineData("192.0.2.0", "255.255.255.0", null, 3600, "192.0.2.0 is the network's own or the broadcast address of 192.0.2.0/24")]
    [InlineData("192.0.2.255", "255.255.255.0", null, 3600, "192.0.2.255 is the network's own or the broadcast address of 192.0.2.0/24")]
    [InlineData("192.0.2.77", "255.255.255.0", "10.0.0.1", 3600, "the router 10.0.0.1 is outside 192.0.2.0/24, the subnet of 192.0.2.77")]
    [InlineData("192.0.2.77", "255.255.255.0", "192.0.2.77", 3600, "the router 192.0.2.77 is the address that is lent")]
    [InlineData("192.0.2.77", "255.255.255.0", "192.0.2.255", 3600,
        "the router 192.0.2.255 is the network's own or the broadcast address of 192.0.2.0/24")]
    [InlineData("192.0.2.77", "255.255.255.0", null, 9, "192.0.2.77 is lent for 9 s, less than 10 s")]
    public void What_no_station_can_live_with_is_refused(string address, string? mask, string? router, int seconds, string why)
    {
        var net = Begun(new());
        Assert.Equal("", net.Answer(Offer, address, seconds: (uint)seconds, router: router, mask: mask));
        Assert.Equal($"{Server}: {why}", Assert.Single(net.Refused));
        Assert.Equal("request 192.0.2.77 of 192.0.2.1", net.Answer(Offer));
        Assert.Equal("", net.Answer(Ack, address, seconds: (uint)seconds, router: router, mask: mask));
        Assert.Equal(LesseeState.Requesting, net.Lessee.State);
        Assert.Equal(2, net.Refused.Count);
    }

    [Fact]
    public void What_the_machine_can_t_use_is_refused_and_an_answer_about_another_address_too()
    {
        var net = Begun(new());
        net.Obstacle = lent => lent.Subnet.ToString() == "10.0.0.0/8" ? $"{lent.Subnet} is inside" : null;
        Assert.Equal("", net.Answer(Offer, "10.0.0.9", mask: "255.0.0.0", router: null));
        Assert.Equal("192.0.2.1: 10.0.0.0/8 is inside", Assert.Single(net.Refused));
        net.Answer(Offer, router: null);
        Assert.Equal("", net.Answer(Ack, "192.0.2.78"));
        Assert.Equal("192.0.2.1: 192.0.2.78 is another address than 192.0.2.77, which was asked for", net.Refused[1]);
        net.Answer(Ack, router: null);
        net.Lessee.Accept();
        Assert.Equal("192.0.2.77/24 by nobody", net.Lease);
    }

    private static LesseeRig Begun(LesseeRig net)
    {
        net.Lessee.Begin(net.Now, null, isLent: false);
        Assert.Equal("discover", net.Heard());
        return net;
    }

    private static string Given(LesseeRig net, Action<byte[]> spoil)
    {
        var frame = net.Frame(Offer);
        spoil(frame);
        net.Lessee.Take(frame, isSummed: true, net.Now);
        return net.Heard();
    }

    private static byte[] Bytes(MacAddress mac)
    {
        var bytes = new byte[MacAddress.Size];
        mac.Write(bytes);
        return bytes;
    }
}
