using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Nat;

namespace SoftSwitch.Tests.Nat;

public sealed class IcmpTests
{
    private const string Router = "198.51.100.99";

    public static TheoryData<string, string> Exchanges => new()
    {
        { "udp 10.0.0.5:4000 > 192.0.2.7:53 len=40 df", "udp 192.0.2.7:53 > {0}:{1} len=40" },
        { "udp 10.0.0.5:4000 > 192.0.2.7:53 len=40 nosum df", "udp 192.0.2.7:53 > {0}:{1} len=40 nosum" },
        { "tcp 10.0.0.5:4000 > 192.0.2.7:80 S seq=7 df", "tcp 192.0.2.7:80 > {0}:{1} SA seq=9 ack=8" },
        { "icmp 10.0.0.5 > 192.0.2.7 type=8 id=77 len=56 df", "icmp 192.0.2.7 > {0} type=0 id={1} len=56" },
    };

    [Theory]
    [MemberData(nameof(Exchanges))]
    public void An_error_about_a_packet_that_left_comes_to_who_sent_it(string request, string answer)
    {
        _ = answer;
        foreach (var (type, code) in new (byte, byte)[] { (3, 1), (3, 3), (3, 4), (11, 0), (11, 1), (12, 0) })
        {
            foreach (var quoted in new[] { 28, 40, 1000 })
            {
                using var rig = new NatRig();
                var sent = NatPacket.Parse(request);
                var outside = rig.Out(request).BuildPacket();
                var error = Error(Router, "203.0.113.1", type, code, outside, quoted);
                var result = rig.Inbound(error.Build());
                Assert.Equal(NaptVerdict.Translated, result.Verdict);
                Assert.Equal(0, result.Policy);
                // The inside host gets its own packet back, as much of it as was quoted.
                Assert.Equal(error with { Destination = sent.Source, Payload = Quote(sent.BuildPacket(), quoted) }, result.Packet);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Exchanges))]
    public void An_error_about_a_packet_that_came_in_goes_to_who_sent_it(string request, string answer)
    {
        foreach (var from in new[] { "10.0.0.5", "10.0.0.254" })
        {
            using var rig = new NatRig();
            var port = rig.Out(request).SourcePort;
            var atOutside = NatPacket.Parse(Format(answer, "203.0.113.1", port)).BuildPacket();
            var inside = rig.Inbound(NatPacket.Frame(atOutside)).Packet;
            var error = Error(from, "192.0.2.7", 3, 3, inside.BuildPacket(), 548);
            var result = rig.Outbound(error.Build());
            Assert.Equal(NaptVerdict.Translated, result.Verdict);
            Assert.Equal(error with { Source = NatRig.Outside, Payload = Quote(atOutside, 548) }, result.Packet);
        }
    }

    [Fact]
    public void An_error_crosses_a_hairpin()
    {
        using var rig = new NatRig();
        var first = rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53").SourcePort;
        var second = rig.Out("udp 10.0.0.6:5000 > 192.0.2.7:53").SourcePort;
        rig.Hairpin($"udp 10.0.0.5:4000 > 203.0.113.1:{second}");
        rig.Hairpin($"udp 10.0.0.6:5000 > 203.0.113.1:{first} len=40");
        // 10.0.0.5 has got that packet and refuses it.
        var got = NatPacket.Parse($"udp 203.0.113.1:{second} > 10.0.0.5:4000 len=40").BuildPacket();
        var outbound = rig.Outbound(Error("10.0.0.5", "203.0.113.1", 3, 3, got, 548).Build());
        Assert.Equal(NaptVerdict.Translated, outbound.Verdict);
        var result = rig.Inbound(outbound.Frame);
        Assert.Equal(NaptVerdict.Translated, result.Verdict);
        var said = NatPacket.Parse($"udp 10.0.0.6:5000 > 203.0.113.1:{first} len=40").BuildPacket();
        Assert.Equal(Error("203.0.113.1", "10.0.0.6", 3, 3, said, 548), result.Packet);
    }

    [Fact]
    public void Inner_options_are_passed_over()
    {
        using var rig = new NatRig();
        var sent = NatPacket.Parse("udp 10.0.0.5:4000 > 192.0.2.7:53 len=40 df") with { IpOptions = 12 };
        var outside = rig.Outbound(sent.Build()).Packet;
        var result = rig.Inbound(Error(Router, "203.0.113.1", 11, 0, outside.BuildPacket(), 548).Build());
        Assert.Equal(Quote(sent.BuildPacket(), 548), result.Packet.Payload);
    }

    [Theory]
    [InlineData(2, DropReason.NatMalformed)]
    [InlineData(8 + 10, DropReason.NatMalformed)]
    public void An_error_with_a_wrong_checksum_is_dropped(int changed, DropReason reason)
    {
        using var rig = new NatRig();
        var outside = rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53 len=40").BuildPacket();
        if (changed > 8)
            outside[changed - 8] ^= 1; // The inner header's: the message's own is right.
        var frame = Error(Router, "203.0.113.1", 11, 0, outside, 548).Build();
        if (changed < 8)
            frame[34 + changed] ^= 1;
        Assert.Equal(reason, rig.Inbound(frame).Drop);
    }

    [Fact]
    public void Errors_about_nothing_of_ours_are_left_alone()
    {
        using var rig = new NatRig();
        var port = rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53 len=40").SourcePort;
        foreach (var inner in new[] { $"udp 203.0.113.1:{port} > 192.0.2.7:54", $"udp 203.0.113.1:{port ^ 1} > 192.0.2.7:53",
            $"udp 203.0.113.2:{port} > 192.0.2.7:53" })
        {
            var error = Error(Router, "203.0.113.1", 3, 3, NatPacket.Parse(inner).BuildPacket(), 548).Build();
            Assert.Equal(NaptVerdict.NotOurs, rig.Inbound(error).Verdict);
        }
        var forged = Error("10.0.0.5", "192.0.2.7", 3, 3, NatPacket.Parse("udp 192.0.2.7:53 > 10.0.0.6:4000").BuildPacket(), 548).Build();
        Assert.Equal(DropReason.NatUnmatched, rig.Outbound(forged).Drop);
    }

    [Fact]
    public void A_storm_of_errors_ends_no_flow_and_keeps_none()
    {
        using var rig = new NatRig();
        var outside = rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53 len=40");
        var tcp = rig.Connect("tcp 10.0.0.5:4000 > 192.0.2.7:80");
        var inner = (tcp with { Flags = 16, Sequence = 1001, Acknowledgement = 5001 }).BuildPacket();
        for (byte i = 0; i < 200; i++)
        {
            foreach (var code in new byte[] { 0, 1, 2, 3, 4, 9, 10, 13 })
            {
                Assert.Equal(NaptVerdict.Translated,
                    rig.Inbound(Error(Router, "203.0.113.1", 3, code, outside.BuildPacket(), 548).Build()).Verdict);
                Assert.Equal(NaptVerdict.Translated, rig.Inbound(Error(Router, "203.0.113.1", 3, code, inner, 548).Build()).Verdict);
            }
            rig.Wait(1);
        }
        Assert.Equal([200u, 200u], rig.Flows.Select(flow => flow.Idle));
        Assert.Equal(NaptFlowState.Established, rig.StateOf(tcp.SourcePort));
        rig.In($"udp 192.0.2.7:53 > 203.0.113.1:{outside.SourcePort}");
    }

    private static string Format(string text, params object[] values) =>
        string.Format(System.Globalization.CultureInfo.InvariantCulture, text, values);

    private static byte[] Quote(byte[] packet, int length) => packet[..int.Min(packet.Length, length)];

    private static NatPacket Error(string from, string to, byte type, byte code, byte[] inner, int quoted) =>
        NatPacket.Parse($"icmp {from} > {to} df") with { IcmpType = type, IcmpCode = code, Payload = Quote(inner, quoted) };
}
