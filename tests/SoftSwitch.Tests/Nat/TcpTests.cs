using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Nat;

/// <summary>TCP conversations: ">" is said inside, "&lt;" outside, "=" is the state that the flow must be in, "+" seconds that
/// pass.</summary>
public sealed class TcpTests
{
    private const string Opened = "> S seq=100, = Opening, < SA seq=500 ack=101 win=1000, = Opening, > A seq=101 ack=501 win=1000, "
        + "= Established";

    private const string Ahead = "< A seq=900000000 ack=101 len=9, < A seq=1700000000 ack=101 len=9, < A seq=2147484000 ack=101 len=9, "
        + "< A seq=3000000000 ack=101 len=9, < A seq=4200000000 ack=101 len=9";

    [Theory]
    [InlineData(Opened)]
    // Simultaneous open, both ways to answer.
    [InlineData("> S seq=100, < S seq=500, = Opening, > SA seq=100 ack=501, = Opening, < SA seq=500 ack=101, = Established")]
    [InlineData("> S seq=100, < S seq=500, > A seq=101 ack=501, < A seq=501 ack=101, = Established")]
    // Retransmitted, and tried again with another number.
    [InlineData("> S seq=100, > S seq=100, + 30, > S seq=900, < SA seq=500 ack=901, > A seq=901 ack=501, = Established")]
    // Data with the SYN (RFC 7413), taken or not.
    [InlineData("> S seq=100 len=50, < SA seq=500 ack=151, > A seq=151 ack=501, = Established")]
    [InlineData("> S seq=100 len=50, < SA seq=500 ack=101, > A seq=101 ack=501, = Established")]
    // Its beginning was not seen.
    [InlineData("> A seq=100 ack=500 len=10, = Opening, < A seq=500 ack=110, = Established")]
    // One side alone establishes nothing.
    [InlineData("> S seq=100, > A seq=101 ack=77, = Opening")]
    [InlineData("> S seq=100, < SA seq=500 ack=7000000, > A seq=101 ack=501, = Opening")]
    [InlineData("> S seq=100, < A seq=500 ack=99999999, = Opening")]
    // Closing, from either side and from both.
    [InlineData(
        Opened + ", > FA seq=101 ack=501, = Closing, < A seq=501 ack=102, < FA seq=501 ack=102, = Closing, > A seq=102 ack=502, = Closed")]
    [InlineData(Opened + ", < FA seq=501 ack=101, = Closing, + 239, > A seq=101 ack=502 len=9, + 239, = Closing, > FA seq=110 ack=502, "
        + "= Closing, < A seq=502 ack=111, = Closed")]
    // A FIN that is acknowledged, and data with it; one that is said again; both at once.
    [InlineData(Opened
        + ", < FA seq=501 ack=101 len=9, > FA seq=101 ack=511, < FA seq=501 ack=101 len=9, = Closing, < A seq=511 ack=102, = Closed")]
    [InlineData(
        Opened + ", > FA seq=101 ack=501, < FA seq=501 ack=101, = Closing, > A seq=102 ack=502, = Closing, < A seq=502 ack=102, = Closed")]
    // The same ports again.
    [InlineData(Opened + ", > FA seq=101 ack=501, < FA seq=501 ack=102, > S seq=4000, = Opening, < SA seq=9000 ack=4001, "
        + "> A seq=4001 ack=9001, = Established")]
    [InlineData(Opened + ", < RA seq=501 ack=101, < S seq=7000, = Opening, > SA seq=8000 ack=7001, < A seq=7001 ack=8001, = Established")]
    // Forged: an opening of what is not closed, or that lies before what was sent; it has an outsider's time.
    [InlineData(Opened + ", < FA seq=501 ack=101, < S seq=7000, = Closing, > FA seq=101 ack=502, < A seq=502 ack=102, = Closed")]
    [InlineData(Opened + ", > FA seq=101 ack=501, < S seq=7000, = Closing, < FA seq=501 ack=102, > A seq=102 ack=502, = Closed")]
    [InlineData(Opened + ", < RA seq=501 ack=101, < S seq=400, = Reset")]
    // Forged: data as far ahead as numbers go. The connection closes as it would have.
    [InlineData(Opened + ", " + Ahead + ", > A seq=101 ack=501 len=9, < A seq=501 ack=110 len=600, > A seq=110 ack=1101, "
        + "< FA seq=1101 ack=110, > FA seq=110 ack=1102, < A seq=1102 ack=111, = Closed")]
    [InlineData(Opened + ", " + Ahead
        + ", < A seq=501 ack=101 len=900, > A seq=101 ack=1401 win=1000, < RA seq=1401 ack=101, = Reset, + 11, = None")]
    [InlineData(Opened + ", < FA seq=501 ack=101, " + Ahead + ", > A seq=101 ack=502, > FA seq=101 ack=502, < A seq=502 ack=102, = Closed")]
    // A reset that fits, and ones that don't: before the window, behind it.
    [InlineData(Opened + ", < R seq=501, = Reset")]
    [InlineData(Opened + ", < RA seq=501 ack=101, = Reset")]
    [InlineData(Opened + ", > R seq=101, = Reset")]
    [InlineData(Opened + ", < R seq=1501, = Reset")]
    [InlineData(Opened + ", < R seq=1000, = Reset, + 240, = Reset")]
    [InlineData(Opened + ", < R seq=500, = Established")]
    [InlineData(Opened + ", < R seq=1502, = Established")]
    [InlineData(Opened + ", < R seq=2000000000, = Established")]
    // The receiver has moved on.
    [InlineData(
        Opened + ", < A seq=501 ack=101 len=600, > A seq=101 ack=1101 win=1000, < R seq=1100, = Established, < R seq=1101, = Reset")]
    // A reset that its receiver didn't believe (RFC 5961, 3.2: it challenges), and one that it did.
    [InlineData(Opened + ", < R seq=700, = Reset, > A seq=101 ack=501, = Established")]
    [InlineData(Opened + ", < R seq=501, = Reset, < A seq=501 ack=101, = Reset, + 10, = Reset, > A seq=101 ack=501, = Established")]
    [InlineData(Opened + ", < R seq=501, = Reset, > S seq=4000, = Opening, < SA seq=9000 ack=4001, > A seq=4001 ack=9001, = Established")]
    // Window scales, when both offer one.
    [InlineData("> S seq=100 ws=4, < SA seq=500 ack=101 ws=2, > A seq=101 ack=501 win=1000, < A seq=501 ack=101, "
        + "> A seq=101 ack=501 win=1000, < R seq=16501, = Reset")]
    [InlineData("> S seq=100 ws=4, < SA seq=500 ack=101 ws=2, > A seq=101 ack=501 win=1000, < A seq=501 ack=101, "
        + "> A seq=101 ack=501 win=1000, < R seq=16502, = Established")]
    [InlineData("> S seq=100 ws=4, < SA seq=500 ack=101, > A seq=101 ack=501 win=1000, < A seq=501 ack=101, > A seq=101 ack=501 win=1000, "
        + "< R seq=1502, = Established")]
    // Forged: a FIN or a SYN that its receiver doesn't believe.
    [InlineData(Opened + ", < FA seq=99501 ack=101, = Established")]
    [InlineData(Opened + ", < S seq=99501, = Established, > A seq=101 ack=501, = Established")]
    // A refused connection.
    [InlineData("> S seq=100, < RA seq=0 ack=101, = Reset")]
    [InlineData("> S seq=100, < RA seq=0 ack=999, = Opening")]
    public void A_conversation(string conversation)
    {
        using var rig = new NatRig();
        var port = 0;
        foreach (var step in conversation.Split(", "))
        {
            var rest = step[2..];
            switch (step[0])
            {
                case '>':
                    port = rig.Out($"tcp 10.0.0.5:4000 > 192.0.2.7:80 {rest}").SourcePort;
                    break;
                case '<':
                    rig.In($"tcp 192.0.2.7:80 > 203.0.113.1:{port} {rest}");
                    break;
                case '+':
                    rig.Wait(int.Parse(rest, System.Globalization.CultureInfo.InvariantCulture));
                    rig.Sweep();
                    break;
                default:
                    if (rest == "None")
                        Assert.Empty(rig.Flows);
                    else
                        Assert.Equal(Enum.Parse<NaptFlowState>(rest), Assert.Single(rig.Flows).State);
                    break;
            }
        }
    }

    [Theory]
    [InlineData("> S seq=100")]
    [InlineData("> S seq=100, < SA seq=500 ack=101")]
    [InlineData(Opened + ", > FA seq=101 ack=501")]
    [InlineData(Opened + ", > FA seq=101 ack=501, < FA seq=501 ack=102")]
    // A reset that its receiver need not believe.
    [InlineData(Opened + ", < R seq=502")]
    public void What_is_opening_or_closing_lives_four_minutes(string conversation) => Lives(conversation, 240);

    [Theory]
    [InlineData(Opened + ", > FA seq=101 ack=501, < FA seq=501 ack=102, > A seq=102 ack=502")]
    [InlineData(Opened + ", > A seq=101 ack=501 len=20, > RA seq=121 ack=501")]
    [InlineData(Opened + ", < R seq=501")]
    [InlineData("> S seq=100, < RA seq=0 ack=101")]
    [InlineData(Opened + ", < R seq=501, < S seq=400")]
    [InlineData(Opened + ", < R seq=502, < R seq=501")]
    public void What_is_closed_lives_ten_seconds(string conversation) => Lives(conversation, 10);

    [Fact]
    public void What_an_outsider_opens_anew_lives_twenty_seconds() => Lives(Opened + ", < R seq=501, < S seq=502", 20);

    [Theory]
    [InlineData("< S seq=100")]
    [InlineData("< S seq=100, > SA seq=500 ack=101, + 5, > SA seq=500 ack=101, + 10, > SA seq=500 ack=101", 5)]
    [InlineData("< S seq=100, + 15, < S seq=100")]
    public void What_an_outsider_began_and_has_not_finished_lives_twenty_seconds(string conversation, int left = 20)
    {
        using var rig = new NatRig();
        rig.Napt.SetForwards(0, [new(new(IpProtocol.Tcp, 80, 80), Ipv4Address.Parse("10.0.0.9"), 8080)], rig.Now);
        foreach (var step in conversation.Split(", "))
        {
            if (step[0] == '>')
                rig.Out($"tcp 10.0.0.9:8080 > 192.0.2.7:999 {step[2..]}");
            else if (step[0] == '<')
                rig.In($"tcp 192.0.2.7:999 > 203.0.113.1:80 {step[2..]}");
            else
                rig.Wait(int.Parse(step[2..], System.Globalization.CultureInfo.InvariantCulture));
        }
        rig.LastsFor(left);
        // The server doesn't know, and goes on answering: that begins nothing.
        Assert.Equal(DropReason.NatUnmatched, rig.Outbound("tcp 10.0.0.9:8080 > 192.0.2.7:999 SA seq=500 ack=101").Drop);
    }

    private static void Lives(string conversation, int seconds)
    {
        using var rig = new NatRig();
        var port = 0;
        foreach (var step in conversation.Split(", "))
        {
            if (step[0] == '>')
                port = rig.Out($"tcp 10.0.0.5:4000 > 192.0.2.7:80 {step[2..]}").SourcePort;
            else if (step[0] == '<')
                rig.In($"tcp 192.0.2.7:80 > 203.0.113.1:{port} {step[2..]}");
        }
        rig.LastsFor(seconds);
    }

    [Fact]
    public void A_client_of_a_forward_opens_from_outside()
    {
        using var rig = new NatRig();
        rig.Napt.SetForwards(0, [new(new(IpProtocol.Tcp, 80, 80), Ipv4Address.Parse("10.0.0.9"), 8080)], rig.Now);
        Assert.Equal("tcp 192.0.2.7:999 > 10.0.0.9:8080 S", rig.In("tcp 192.0.2.7:999 > 203.0.113.1:80 S seq=100").ToString());
        Assert.Equal("tcp 203.0.113.1:80 > 192.0.2.7:999 SA", rig.Out("tcp 10.0.0.9:8080 > 192.0.2.7:999 SA seq=500 ack=101").ToString());
        rig.In("tcp 192.0.2.7:999 > 203.0.113.1:80 A seq=101 ack=501");
        var flow = Assert.Single(rig.Flows);
        Assert.Equal((NaptFlowState.Established, true), (flow.State, flow.FromOutside));
    }
}
