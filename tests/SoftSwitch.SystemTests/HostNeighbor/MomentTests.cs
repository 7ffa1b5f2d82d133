using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;
using static SoftSwitch.SystemTests.HostNeighbor.Neighborhood;

namespace SoftSwitch.SystemTests.HostNeighbor;

/// <summary>The moments at which a station appears, and at which it moves.</summary>
public sealed class MomentTests
{
    [Fact]
    public void The_very_first_answer_to_a_new_guest_never_goes_out_on_the_wire()
    {
        Need.Tun();
        const int guests = 1000;
        using var all = new Neighborhood();
        using var wire = new Capture(all.Station, "eth0", "in", "arp");
        using var guest = new Capture(all.Guests, "eth0", "in", "arp");
        for (var i = 0; i < guests; i++)
        {
            var number = i;
            RawFrames.Send(all.Guests, "eth0", 1, 64, (_, frame) => Ask(frame, number));
            // A burst of many new ones is bounded; this is about each of them.
            if (i % 100 == 99)
                Thread.Sleep(100);
        }
        const string answers = $"arp.opcode == 2 && eth.src == {HostMac} && arp.dst.proto_ipv4 >= 10.9.100.0";
        Assert.Equal(guests, Tshark.Count(guest.Stop(), answers));
        var file = wire.Stop();
        Assert.Equal(guests, Tshark.Count(file, "arp.opcode == 1 && arp.src.proto_ipv4 >= 10.9.100.0"));
        Assert.Equal(0, Tshark.Count(file, answers));
    }

    [Fact]
    public void A_guest_that_moves_away_is_found_on_the_wire_at_once_and_then_without_the_switch()
    {
        Need.Tun();
        using var all = new Neighborhood();
        Assert.True(Ping.Reaches(all.Host, GuestAddress));
        // The guest goes on with its address and its MAC at the other end of the cable, and says so, as every hypervisor does for it.
        Unplug(all);
        all.Station.Check($"ip link set dev eth0 address {GuestMac}");
        all.Station.Address("eth0", $"{GuestAddress}/16");
        RawFrames.Send(all.Station, "eth0", 1, 64,
            (_, frame) => Ask(frame, Convert.FromHexString(GuestMac.Replace(":", "")), [10, 9, 0, 77]));
        Assert.True(Ping.Reaches(all.Host, GuestAddress, count: 1));
        Eventually.Holds(() => !all.Host.Check("nft list ruleset").Contains(GuestMac, StringComparison.Ordinal));
        Assert.True(Ping.Reaches(all.Host, GuestAddress, count: 1));
        // And back.
        all.Station.Check("ip link set dev eth0 address 02:00:00:00:00:02");
        all.Station.Check($"ip addr del {GuestAddress}/16 dev eth0");
        all.Guests.Up("eth0");
        all.Guests.Check($"ip addr replace {GuestAddress}/16 dev eth0");
        Ping.Wait(all.Guests, HostAddress);
        Assert.True(Ping.Reaches(all.Host, GuestAddress, count: 1));
        Assert.Contains(GuestMac, all.Host.Check("nft list ruleset"));
    }

    [Fact]
    public void A_guest_that_moves_away_without_a_word_to_anyone_but_the_host_is_found_too()
    {
        Need.Tun();
        using var all = new Neighborhood();
        Assert.True(Ping.Reaches(all.Host, GuestAddress));
        Unplug(all);
        all.Station.Check($"ip link set dev eth0 address {GuestMac} arp off");
        all.Station.Address("eth0", $"{GuestAddress}/16");
        all.Station.Check($"ip neigh replace {HostAddress} lladdr {HostMac} dev eth0 nud permanent");
        Assert.True(Ping.Reaches(all.Station, $"-I {GuestAddress} {HostAddress}", count: 2));
        Eventually.Holds(() => !all.Host.Check("nft list ruleset").Contains(GuestMac, StringComparison.Ordinal));
        Assert.True(Ping.Reaches(all.Host, GuestAddress, count: 1));
    }

    /// <summary>While its port is up, nobody else brings a station that the file binds; that it is down the kernel may say a second
    /// later.</summary>
    private static void Unplug(Neighborhood all)
    {
        all.Guests.Check("ip link set dev eth0 down");
        Eventually.Holds(() => all.PortState("guest") == "down");
    }

    private static void Ask(byte[] frame, int number) =>
        Ask(frame, [0x52, 0x54, 1, 0, (byte)(number >> 8), (byte)number], [10, 9, (byte)(100 + number / 250), (byte)(number % 250 + 1)]);

    /// <summary>An ARP request for the host's address (RFC 826).</summary>
    private static void Ask(byte[] frame, byte[] mac, byte[] address)
    {
        frame.AsSpan().Clear();
        frame.AsSpan(0, 6).Fill(0xff);
        mac.CopyTo(frame, 6);
        ((ReadOnlySpan<byte>)[8, 6, 0, 1, 8, 0, 6, 4, 0, 1]).CopyTo(frame.AsSpan(12));
        mac.CopyTo(frame, 22);
        address.CopyTo(frame, 28);
        ((ReadOnlySpan<byte>)[10, 9, 0, 1]).CopyTo(frame.AsSpan(38));
    }
}
