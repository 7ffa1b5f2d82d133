using System.Buffers.Binary;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Tests.Routing;

namespace SoftSwitch.Tests.Nat;

/// <summary>Fragments that a network doubles: the packet crosses, each part of it once, and its identification can be used again.</summary>
public sealed class FragmentCopyTests
{
    private const string Request = "udp 10.0.0.5:4000 > 192.0.2.7:53 len=2000 ip=77";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_doubled_fragment_costs_nothing_whichever_it_is_and_whenever_it_comes(bool outbound)
    {
        using var rig = new NatRig();
        ushort identification = 0;
        foreach (var sequence in Fragments.Doubled())
        {
            foreach (var order in Fragments.Orders)
            {
                var first = PacketOf(rig, outbound) with { Identification = ++identification };
                var second = first with { Payload = [.. first.Payload.Select(one => (byte)~one)] };
                var name = $"{string.Join(' ', sequence)}, then {string.Join(' ', order)}";
                var crossed = CarryAll(rig, first, sequence, outbound);
                // A copy of the first one that comes when all is over may be the beginning of a packet that is sent again, and crosses.
                var isLate = sequence[^1] == 0 && sequence[..^1].Distinct().Count() == 3;
                Assert.True(crossed.Count == (isLate ? 4 : 3), $"{name}: {crossed.Count} crossed");
                Assert.Equal(3, crossed.DistinctBy(OffsetOf).Count());
                Judge(first, crossed[..3], name);
                Judge(second, CarryAll(rig, second, order, outbound), name);
                Assert.Equal(0, rig.Napt.Counters.HeldFragments);
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_packet_that_is_sent_again_crosses_again(bool outbound)
    {
        using var rig = new NatRig();
        ushort identification = 0;
        foreach (var before in Fragments.Orders)
        {
            foreach (var order in Fragments.Orders)
            {
                var packet = PacketOf(rig, outbound) with { Identification = ++identification };
                Assert.Equal(3, CarryAll(rig, packet, before, outbound).Count);
                for (var i = 0; i < 3; i++)
                    Judge(packet, CarryAll(rig, packet, order, outbound), string.Join(' ', order));
            }
        }
    }

    [Theory]
    [InlineData(65_500, 1480)]
    [InlineData(4_000, 16)] // More parts than are remembered afterwards.
    [InlineData(1_999, 8)]
    public void Every_fragment_doubled_and_all_of_them_shuffled(int length, int size)
    {
        var random = new Random(7);
        using var rig = new NatRig();
        for (var round = 0; round < 20; round++)
        {
            var packet = NatPacket.Parse(Request) with { Identification = (ushort)round,
                Payload = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 31 + (i >> 8) * 7 + round))] };
            var fragments = FragmentTests.Cut(packet, size);
            var sequence = Enumerable.Range(0, fragments.Count).SelectMany(i => new[] { i, i }).ToArray();
            random.Shuffle(sequence);
            // Of a packet in more parts than may wait, the first one comes early enough.
            if (fragments.Count > 200)
                sequence = [0, .. sequence];
            var crossed = new List<byte[]>();
            var reassembly = new Reassembly();
            foreach (var i in sequence)
            {
                Carry(rig, fragments[i], outbound: true, crossed);
                crossed.ForEach(reassembly.Add);
                crossed.Clear();
            }
            Assert.Equal(packet.Payload, Assert.Single(reassembly.Packets).Payload);
        }
    }

    [Fact]
    public void A_copy_says_what_it_is_and_ends_nothing()
    {
        using var rig = new NatRig();
        var fragments = FragmentTests.Cut(NatPacket.Parse(Request), 800);
        foreach (var i in new[] { 2, 0 })
        {
            rig.Outbound(fragments[i]);
            Assert.Equal(DropReason.FragmentDoubled, rig.Outbound(fragments[i]).Drop);
        }
        Assert.Single(rig.Released(outbound: true));
        // The first of two that claim one place is the one that counts, whatever the other carries.
        var other = fragments[0].ToArray();
        other[^1]++;
        Assert.Equal(DropReason.FragmentDoubled, rig.Outbound(other).Drop);
        Assert.Equal(NaptVerdict.Translated, rig.Outbound(fragments[1]).Verdict);
        Assert.Single(rig.Flows);
    }

    [Fact]
    public void Late_copies_of_thousands_of_packets_keep_nobody_from_his_own()
    {
        using var rig = new NatRig();
        for (var i = 0; i < 3000; i++)
        {
            var packet = NatPacket.Parse($"udp 10.0.0.5:4000 > 192.0.2.7:53 len=2000 ip={i}");
            Assert.Equal(3, CarryAll(rig, packet, [2, 0, 1, 1, 2], outbound: true).Count);
        }
        Assert.Equal(3, CarryAll(rig, NatPacket.Parse("udp 10.0.0.6:4000 > 192.0.2.7:53 len=2000"), [2, 1, 0], outbound: true).Count);
        rig.Wait(31);
        rig.Sweep();
        Assert.Equal(0, rig.Napt.Counters.HeldFragments);
    }

    private static NatPacket PacketOf(NatRig rig, bool outbound) => NatPacket.Parse(
        outbound ? Request : $"udp 192.0.2.7:53 > 203.0.113.1:{rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53").SourcePort} len=2000 ip=77");

    private static List<byte[]> CarryAll(NatRig rig, NatPacket packet, int[] sequence, bool outbound)
    {
        var fragments = FragmentTests.Cut(packet, 800);
        var crossed = new List<byte[]>();
        foreach (var i in sequence)
            Carry(rig, fragments[i], outbound, crossed);
        return crossed;
    }

    private static void Carry(NatRig rig, byte[] fragment, bool outbound, List<byte[]> crossed)
    {
        var result = outbound ? rig.Outbound(fragment) : rig.Inbound(fragment);
        if (result.Verdict == NaptVerdict.Translated)
            crossed.Add(result.Frame);
        crossed.AddRange(rig.Released(outbound));
    }

    private static void Judge(NatPacket sent, List<byte[]> crossed, string name)
    {
        var reassembly = new Reassembly();
        crossed.ForEach(reassembly.Add);
        Assert.True(reassembly.Packets.Count == 1, $"{name}: {reassembly.Packets.Count} packets of {crossed.Count} fragments");
        Assert.True(sent.Payload.AsSpan().SequenceEqual(reassembly.Packets[0].Payload), $"{name}: another payload");
    }

    private static int OffsetOf(byte[] frame) => (BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(20)) & 0x1FFF) * 8;
}
