using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Forwarding.Fuzzing;
using SoftSwitch.Tests.Routing;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>Frames of which a port copies the first bytes only and lends the rest, as shared memory does, come out as all others.</summary>
public sealed unsafe class LentMemoryTests
{
    [Fact]
    public void Pulling_brings_bytes_into_the_head_and_changes_none()
    {
        using var burst = new Burst();
        byte[] bytes = new byte[1000];
        new Random(1).NextBytes(bytes);
        var before = bytes.ToArray();
        fixed (byte* start = bytes)
        {
            var pieces = stackalloc IoVector[5];
            for (int i = 0, at = 60; i < 5; i++)
            {
                int[] lengths = [1, 100, 0, 39, 800];
                pieces[i] = new(start + at, lengths[i]);
                at += lengths[i];
            }
            bytes.AsSpan(0, 60).CopyTo(new Span<byte>(burst.HeadOf(0), 60));
            ref var frame = ref burst.Add(60, pieces, 5);
            (int, int)[] steps = [(20, 60), (60, 60), (61, 61), (100, 100), (161, 161), (200, 200), (5000, 1000),
                (Burst.HeadCapacity, 1000)];
            foreach (var (asked, head) in steps)
            {
                frame.Pull(asked);
                Assert.Equal((head, 1000), (frame.HeadLength, frame.Length));
                Assert.Equal(bytes, Bytes(frame));
            }
            Assert.Equal(0, frame.BodyCount);
        }
        Assert.Equal(before, bytes);
    }

    [Fact]
    public void What_was_pulled_cant_be_changed_by_who_lent_it()
    {
        using var burst = new Burst();
        var bytes = new byte[3000];
        fixed (byte* start = bytes)
        {
            var piece = new IoVector(start, bytes.Length);
            ref var frame = ref burst.Add(60, &piece, 1);
            frame.Pull(200);
            Array.Fill(bytes, (byte)7);
            Assert.Equal(0, frame.HeadBytes[199]);
            Assert.Equal(7, frame.BodyPieces[0].Bytes[0]);
            frame.Pull(Burst.HeadCapacity);
            Assert.Equal((Burst.HeadCapacity, 3060), (frame.HeadLength, frame.Length));
        }
    }

    /// <summary>Looking for claims in ARP, behind tags, is worth a copy only where the tag says no VLAN.</summary>
    [Theory]
    [InlineData(10, 60)]
    [InlineData(0, 1060)]
    public void A_frame_in_a_VLAN_stays_where_it_was_lent(int vlan, int head)
    {
        using var rig = new Rig(ports: 2);
        using var dataplane = new Dataplane(0);
        using var burst = new Burst();
        Stations.Frame(Stations.Broadcast, Stations.Mac(1), vlan << 8, length: 60, type: EtherType.Vlan)
            .CopyTo(new Span<byte>(burst.HeadOf(0), 60));
        var bytes = new byte[1000];
        fixed (byte* start = bytes)
        {
            var piece = new IoVector(start, bytes.Length);
            burst.Add(60, &piece, 1).Offload = default;
            dataplane.Process(burst, burst.All, rig.Member(0), rig.Now);
            Assert.Equal(DropReason.None, burst[0].Drop);
            Assert.Equal(head, burst[0].HeadLength);
        }
    }

    [Fact]
    public void Too_little_in_the_head_or_too_many_pieces_are_the_ports_mistake()
    {
        using var burst = new Burst();
        var pieces = stackalloc IoVector[Burst.MaximumPieces + 1];
        Assert.Throws<ArgumentOutOfRangeException>(() => burst.Add(59, pieces, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => burst.Add(128, pieces, Burst.MaximumPieces + 1));
        Assert.Equal(0, burst.Count);
    }

    [Theory, InlineData(60), InlineData(128)]
    public void Hostile_frames_break_nothing_there_either(int lendsFrom)
    {
        using var run = new FuzzRun(seed: 16, lendsFrom);
        run.Run(200_000);
        Assert.True(run.Cut > 200, $"only {run.Cut} super-frames were cut: the fuzz reaches nothing");
        Assert.True(run.CutInTunnels > 200, $"only {run.CutInTunnels} segments were cut in tunnels: the fuzz reaches nothing");
    }

    /// <summary>An answer has all that was asked, and an error quotes more than was copied.</summary>
    [Fact]
    public void A_station_sees_all_of_an_ordinary_frame()
    {
        var dying = GatewayRig.From(0, "10.10.0.6") with { Payload = 1000, Ttl = 1 };
        byte[][] asked = [GatewayRig.Echo(0, "10.10.0.1", 1400), dying.Build()];
        var answers = Answers(asked, lendsFrom: null);
        Assert.Equal([asked[0].Length, 14 + 576], answers.Select(frame => frame.Length));
        Assert.Equal(answers, Answers(asked, lendsFrom: 60));
    }

    private static byte[][] Answers(byte[][] asked, int? lendsFrom)
    {
        using var rig = new GatewayRig(lendsFrom: lendsFrom);
        rig.Introduce();
        foreach (var frame in asked)
            rig.Rig.Carry(0, frame);
        return [.. rig.Rig.Received(0).Select(frame => frame.Bytes)];
    }

    private static byte[] Bytes(in Frame frame)
    {
        var all = new List<byte>([.. frame.HeadBytes]);
        foreach (var piece in frame.BodyPieces)
            all.AddRange(piece.Bytes);
        return [.. all];
    }
}
