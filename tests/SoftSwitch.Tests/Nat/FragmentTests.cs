using System.Buffers.Binary;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Forwarding;

namespace SoftSwitch.Tests.Nat;

public sealed class FragmentTests
{
    private const string Request = "udp 10.0.0.5:4000 > 192.0.2.7:53 len=2000";

    /// <summary>Orders in which the three fragments of a packet may come.</summary>
    private static readonly int[][] Orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

    [Theory]
    [InlineData(Request)]
    [InlineData("tcp 10.0.0.5:4000 > 192.0.2.7:80 A len=2000")]
    [InlineData("icmp 10.0.0.5 > 192.0.2.7 type=8 id=7 len=2000")]
    public void Fragments_cross_in_any_order(string request)
    {
        foreach (var order in Orders)
        {
            using var rig = new NatRig();
            var outside = Whole(CarryAll(rig, Cut(request, 800), order, outbound: true));
            var sent = NatPacket.Parse(request);
            Assert.Equal(sent with { Source = NatRig.Outside, SourcePort = outside.SourcePort, Identification = outside.Identification },
                outside);

            var answer = outside with
            {
                Source = outside.Destination, Destination = outside.Source, IcmpType = 0,
                SourcePort = sent.Protocol == IpProtocol.Icmp ? outside.SourcePort : outside.DestinationPort,
                DestinationPort = outside.SourcePort,
            };
            var inside = Whole(CarryAll(rig, Cut(answer, 800), order, outbound: false));
            Assert.Equal(sent.Source, inside.Destination);
            Assert.Equal(sent.SourcePort, sent.Protocol == IpProtocol.Icmp ? inside.SourcePort : inside.DestinationPort);
            Assert.Equal(answer.Identification, inside.Identification);
            Assert.Equal(0, rig.Napt.Counters.HeldFragments);
        }
    }

    [Fact]
    public void Held_fragments_come_out_in_the_order_in_which_they_came()
    {
        using var rig = new NatRig(new NaptPolicy(), new NaptPolicy());
        var fragments = Cut("udp 10.1.0.5:4000 > 192.0.2.7:53 len=6000", 800);
        foreach (var i in new[] { 3, 1, 5, 2 })
            Assert.Equal(NaptVerdict.Held, rig.Outbound(fragments[i], policy: 1).Verdict);
        Assert.Empty(rig.Released(outbound: true));
        Assert.Equal(4, rig.Napt.Counters.HeldFragments);
        Assert.Equal(NaptVerdict.Translated, rig.Outbound(fragments[0], policy: 1).Verdict);
        Assert.Empty(rig.Released(outbound: false));
        var released = rig.Released(outbound: true);
        Assert.Equal([3 * 800, 800, 5 * 800, 2 * 800], released.Select(OffsetOf));
    }

    [Fact]
    public void Each_worker_takes_the_fragments_that_it_has_released()
    {
        using var rig = new NatRig();
        var mine = Cut("udp 10.0.0.5:4000 > 192.0.2.7:53 len=2000 ip=1", 800);
        var others = Cut("udp 10.0.0.6:4000 > 192.0.2.8:53 len=2000 ip=2", 800);
        rig.Outbound(mine[1]);
        rig.Outbound(others[1]);
        using var there = new NatRig(rig.Napt) { Now = rig.Now };
        rig.Outbound(mine[0]);
        there.Outbound(others[0]);
        Assert.Equal(Ipv4Address.Parse("192.0.2.8"), Ipv4Address.Read(Assert.Single(there.Released(outbound: true)).AsSpan(30)));
        Assert.Equal(Ipv4Address.Parse("192.0.2.7"), Ipv4Address.Read(Assert.Single(rig.Released(outbound: true)).AsSpan(30)));
    }

    [Fact]
    public void Two_hosts_fragments_to_one_destination_are_told_apart_there()
    {
        using var rig = new NatRig();
        var first = Cut("udp 10.0.0.5:4000 > 192.0.2.7:53 len=2000 ip=77", 800);
        var second = Cut("udp 10.0.0.6:4000 > 192.0.2.7:53 len=2000 ip=77", 800);
        var out1 = first.Select(frame => rig.Outbound(frame).Frame).ToList();
        var out2 = second.Select(frame => rig.Outbound(frame).Frame).ToList();
        Assert.NotEqual(Whole(out1).Identification, Whole(out2).Identification);
    }

    [Fact]
    public void Fragments_cross_a_hairpin()
    {
        using var rig = new NatRig();
        rig.Napt.SetForwards(0, [new(new(IpProtocol.Udp, 99, 99), Ipv4Address.Parse("10.0.0.9"), 53)], rig.Now);
        var frames = Cut("udp 10.0.0.5:4000 > 203.0.113.1:99 len=2000", 800)
            .Select(frame => rig.Inbound(rig.Outbound(frame).Frame)).ToList();
        Assert.All(frames, frame => Assert.Equal((NaptVerdict.Translated, 0), (frame.Verdict, frame.Policy)));
        Assert.Equal(Ipv4Address.Parse("10.0.0.9"), Whole(frames.Select(frame => frame.Frame)).Destination);
    }

    [Theory]
    [InlineData(0, 808, true)] // The first, and a part of the second.
    [InlineData(0, 400, true)] // Half of the first.
    [InlineData(2400, 608, true)] // The last, with more behind it.
    [InlineData(2400, 600, false)] // The last, cut short.
    [InlineData(8, 800, true)] // The TCP header's second half, rewritten.
    [InlineData(1592, 16, true)]
    [InlineData(1600, 400, false)] // The end, further ahead.
    [InlineData(800, 801, true)] // No multiple of 8 bytes.
    [InlineData(65528, 100, false)] // Longer than a packet can be.
    public void A_fragment_that_contradicts_the_others_ends_the_packet(int offset, int length, bool more)
    {
        using var rig = new NatRig();
        var fragments = Cut("udp 10.0.0.5:4000 > 192.0.2.7:53 len=3000", 800);
        foreach (var i in new[] { 0, 1, 3 })
            Assert.Equal(NaptVerdict.Translated, rig.Outbound(fragments[i]).Verdict);
        Assert.Equal(DropReason.FragmentMismatch,
            rig.Outbound(Fragment(NatPacket.Parse("udp 10.0.0.5:4000 > 192.0.2.7:53"), new byte[length], offset, more)).Drop);
        Assert.Equal(DropReason.FragmentMismatch, rig.Outbound(fragments[2]).Drop);
        rig.Wait(31);
        // Forgotten, and the flow lives.
        Assert.Equal(NaptVerdict.Translated, rig.Outbound(fragments[0]).Verdict);
        Assert.Single(rig.Flows);
    }

    [Fact]
    public void Fragments_that_overlap_while_they_wait_are_never_sent()
    {
        using var rig = new NatRig();
        var fragments = Cut("udp 10.0.0.5:4000 > 192.0.2.7:53 len=3000", 800);
        Assert.Equal(NaptVerdict.Held, rig.Outbound(fragments[2]).Verdict);
        Assert.Equal(DropReason.FragmentMismatch,
            rig.Outbound(Fragment(NatPacket.Parse("udp 10.0.0.5:4000 > 192.0.2.7:53"), new byte[800], 1592, true)).Drop);
        Assert.Equal(DropReason.FragmentMismatch, rig.Outbound(fragments[0]).Drop);
        Assert.Empty(rig.Released(outbound: true));
        Assert.Equal(0, rig.Napt.Counters.HeldFragments);
        Assert.Empty(rig.Flows);
    }

    [Theory]
    [InlineData("tcp 10.0.0.5:4000 > 192.0.2.7:80 S len=3000", 16)]
    [InlineData("tcp 10.0.0.5:4000 > 192.0.2.7:80 S ws=7 len=3000", 16)]
    public void A_first_fragment_without_its_whole_transport_header_is_dropped(string packet, int size)
    {
        using var rig = new NatRig();
        var fragments = Cut(packet, size);
        Assert.Equal(DropReason.FragmentTooSmall, rig.Outbound(fragments[0]).Drop);
        Assert.Equal(NaptVerdict.Dropped, rig.Outbound(fragments[1]).Verdict);
        Assert.Empty(rig.Flows);
    }

    [Fact]
    public void Fragments_wait_for_half_a_minute()
    {
        using var rig = new NatRig();
        var fragments = Cut(Request, 800);
        Assert.Equal(NaptVerdict.Held, rig.Outbound(fragments[1]).Verdict);
        rig.Wait(30);
        rig.Sweep();
        Assert.Equal((1, 0), (rig.Napt.Counters.HeldFragments, rig.Napt.Counters.ExpiredFragments));
        rig.Wait(1);
        rig.Sweep();
        Assert.Equal((0, 1), (rig.Napt.Counters.HeldFragments, rig.Napt.Counters.ExpiredFragments));
        rig.Outbound(fragments[0]);
        Assert.Empty(rig.Released(outbound: true));
    }

    [Fact]
    public void Strangers_fragments_are_not_ours()
    {
        using var rig = new NatRig();
        foreach (var frame in Cut("udp 192.0.2.7:53 > 203.0.113.1:20000 len=2000", 800))
            Assert.Equal(NaptVerdict.NotOurs, rig.Inbound(frame).Verdict);
        rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53");
        var port = rig.Flows[0].OutsidePort;
        foreach (var frame in Cut($"udp 192.0.2.8:53 > 203.0.113.1:{port} len=2000", 800))
            Assert.Equal(NaptVerdict.Dropped, rig.Inbound(frame).Verdict);
    }

    [Fact]
    public void Fragments_that_wait_count_for_the_memory_they_take()
    {
        using var rig = new NatRig();
        for (var i = 0; i < 200; i++)
            rig.Outbound(Fragment(NatPacket.Parse("udp 10.0.0.6:1 > 192.0.2.7:1") with { Identification = (ushort)i }, new byte[8_000],
                8_000, true));
        // 8,034 bytes are four blocks of 2 KB, and a sender has 256 blocks.
        Assert.Equal(64, rig.Napt.Counters.HeldFragments);
        rig.Wait(31);
        rig.Sweep();
        Assert.Equal(0, rig.Napt.Counters.HeldFragments);
    }

    [Fact]
    public void A_storm_of_half_packets_stops_neither_fragments_nor_any_flow()
    {
        using var rig = new NatRig();
        var port = rig.Out(Request).SourcePort;
        // From everywhere, and from one source, whose quota is smaller than the table.
        for (var i = 0; i < 20_000; i++)
        {
            var source = new Ipv4Address(0x0B00_0000 + (uint)i);
            rig.Inbound(Fragment(NatPacket.Parse($"udp 11.0.0.1:1 > 203.0.113.1:{port}") with
                { Source = source, Identification = (ushort)i }, new byte[800], 800, true));
            rig.Outbound(
                Fragment(NatPacket.Parse("udp 10.0.0.6:1 > 192.0.2.7:1") with { Identification = (ushort)i }, new byte[800], 800, true));
        }
        Assert.InRange(rig.Napt.Counters.HeldFragments, 256, 2 * 2048);
        foreach (var order in new int[][] { [0, 1, 2], [2, 1, 0] })
            Assert.Equal(3, CarryAll(rig, Cut(Request, 800), order, outbound: true).Count);
        for (var i = 0; i < 100; i++)
            Assert.Equal(3, CarryAll(rig, Cut($"udp 192.0.2.7:53 > 203.0.113.1:{port} len=2000 ip={i}", 800), Orders[i % Orders.Length],
                outbound: false).Count);
        rig.In($"udp 192.0.2.7:53 > 203.0.113.1:{port}");
        rig.Wait(31);
        rig.Sweep();
        Assert.Equal(0, rig.Napt.Counters.HeldFragments);
        port = rig.Out(Request).SourcePort;
        foreach (var order in new int[][] { [0, 1, 2], [2, 1, 0] })
            Assert.Equal(3, CarryAll(rig, Cut($"udp 192.0.2.7:53 > 203.0.113.1:{port} len=2000", 800), order, outbound: false).Count);
    }

    [Fact]
    public void Any_number_of_packets_may_come_in_fragments_one_after_the_other()
    {
        using var rig = new NatRig();
        for (var i = 0; i < 2000; i++)
        {
            // Whole ones, ones that never end, ones that contradict themselves, and ones without a beginning.
            var fragments = Cut($"udp 10.0.0.{i % 200}:4000 > 192.0.2.7:53 len=2000 ip={i}", 800);
            Assert.Equal(3, CarryAll(rig, fragments, Orders[i % 6], outbound: true).Count);
            if (i % 100 == 0)
            {
                rig.Outbound(fragments[i / 100 % 3]);
                rig.Outbound(fragments[i / 100 % 3]);
                rig.Wait(31);
            }
        }
        Assert.Equal(0, rig.Napt.Counters.HeldFragments);
    }

    [Fact]
    public void One_port_that_begins_a_thousand_packets_keeps_no_other_from_its_own()
    {
        foreach (var order in Orders)
        {
            using var rig = new NatRig();
            var fragments = Cut(Request, 800);
            var crossed = 0;
            foreach (var i in order)
            {
                // First fragments that nothing follows, and later ones that follow nothing, each from an address of its own.
                for (var j = 0; j < 1024; j++)
                {
                    var begun = NatPacket.Parse($"udp 10.0.{1 + j / 128}.{j % 128}:4000 > 192.0.2.7:53 len=2000 ip={i * 1024 + j}");
                    Assert.Equal(NaptVerdict.Translated, rig.Outbound(Cut(begun, 800)[0], port: 1).Verdict);
                    rig.Outbound(Cut(begun with { Identification = (ushort)(20_000 + i * 1024 + j) }, 800)[1], port: 1);
                }
                crossed += rig.Outbound(fragments[i], port: 2).Verdict == NaptVerdict.Translated ? 1 : 0;
                crossed += rig.Released(outbound: true).Count;
            }
            Assert.Equal(3, crossed);
        }
    }

    [Fact]
    public void Outsiders_who_begin_a_thousand_packets_keep_no_other_from_its_own()
    {
        foreach (var order in Orders)
        {
            using var rig = new NatRig();
            rig.Napt.SetForwards(0, [new(new(IpProtocol.Udp, 99, 99), Ipv4Address.Parse("10.0.0.9"), 53)], rig.Now);
            var fragments = Cut("udp 192.0.2.7:53 > 203.0.113.1:99 len=2000", 800);
            var crossed = 0;
            foreach (var i in order)
            {
                for (var j = 0; j < 1024; j++)
                {
                    var begun = NatPacket.Parse($"udp 198.51.100.{j % 16}:53 > 203.0.113.1:99 len=2000 ip={i * 1024 + j}");
                    Assert.Equal(NaptVerdict.Translated, rig.Inbound(Cut(begun, 800)[0]).Verdict);
                    rig.Inbound(Cut(begun with { Identification = (ushort)(20_000 + i * 1024 + j) }, 800)[1]);
                }
                crossed += rig.Inbound(fragments[i]).Verdict == NaptVerdict.Translated ? 1 : 0;
                crossed += rig.Released(outbound: false).Count;
            }
            Assert.Equal(3, crossed);
        }
    }

    [Fact]
    public void One_port_cannot_end_another_ports_packet()
    {
        using var rig = new NatRig();
        var fragments = Cut(Request, 800);
        Assert.Equal(NaptVerdict.Translated, rig.Outbound(fragments[0], port: 2).Verdict);
        rig.Outbound(fragments[1], port: 1);
        rig.Outbound(fragments[1], port: 1);
        Assert.Equal(NaptVerdict.Translated, rig.Outbound(fragments[1], port: 2).Verdict);
        Assert.Equal(NaptVerdict.Translated, rig.Outbound(fragments[2], port: 2).Verdict);
    }

    [Fact]
    public void The_longest_packet_crosses_last_fragment_first()
    {
        using var rig = new NatRig();
        var fragments = Cut("udp 10.0.0.5:4000 > 192.0.2.7:53 len=65500", 1480);
        Assert.Equal(fragments.Count, CarryAll(rig, fragments, [.. Enumerable.Range(0, fragments.Count).Reverse()], outbound: true).Count);
    }

    private static List<byte[]> CarryAll(NatRig rig, List<byte[]> fragments, int[] order, bool outbound)
    {
        var crossed = new List<byte[]>();
        foreach (var i in order)
        {
            var result = outbound ? rig.Outbound(fragments[i]) : rig.Inbound(fragments[i]);
            Assert.NotEqual(NaptVerdict.Dropped, result.Verdict);
            if (result.Verdict == NaptVerdict.Translated)
                crossed.Add(result.Frame);
            crossed.AddRange(rig.Released(outbound));
        }
        return crossed;
    }

    private static List<byte[]> Cut(string packet, int size) => Cut(NatPacket.Parse(packet), size);

    internal static List<byte[]> Cut(NatPacket packet, int size)
    {
        var payload = packet.BuildPacket()[20..];
        return [.. payload.Chunk(size).Select((piece, i) => Fragment(packet, piece, i * size, (i + 1) * size < payload.Length))];
    }

    private static byte[] Fragment(NatPacket packet, byte[] piece, int offset, bool more)
    {
        byte[] fragment = [.. packet.BuildPacket()[..20], .. piece];
        BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(2), (ushort)fragment.Length);
        BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(6), (ushort)(offset / 8 | (more ? 0x2000 : 0)));
        BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(10), 0);
        BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(10), (ushort)~Wire.Sum(fragment.AsSpan(0, 20)));
        return NatPacket.Frame(fragment);
    }

    private static int OffsetOf(byte[] frame) => (BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(20)) & 0x1FFF) * 8;

    /// <summary>Puts a packet together and reads it.</summary>
    private static NatPacket Whole(IEnumerable<byte[]> fragments)
    {
        var sorted = fragments.OrderBy(OffsetOf).ToList();
        Assert.All(sorted, fragment => Assert.Equal(0xFFFF, Wire.Sum(fragment.AsSpan(14, 20))));
        Assert.Single(
            sorted.DistinctBy(fragment => Convert.ToHexString(fragment.AsSpan(26, 8)) + Convert.ToHexString(fragment.AsSpan(18, 2))));
        byte[] packet = [.. sorted[0].AsSpan(14, 20),
            .. sorted.SelectMany(fragment => fragment[34..(14 + BinaryPrimitives.ReadUInt16BigEndian(fragment.AsSpan(16)))])];
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        packet.AsSpan(6, 2).Clear();
        packet.AsSpan(10, 2).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), (ushort)~Wire.Sum(packet.AsSpan(0, 20)));
        return NatPacket.Read(NatPacket.Frame(packet));
    }
}
