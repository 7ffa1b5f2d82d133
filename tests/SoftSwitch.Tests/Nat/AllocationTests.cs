using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Nat;

public sealed class AllocationTests
{
    [Fact]
    public void A_running_translation_allocates_nothing()
    {
        using var napt = Translator.Of(
            new() { OutsideAddress = NatRig.Outside, Capacity = 4096, Log = new(64) }, new NaptPolicy { LogsFlows = true });
        using var burst = new Burst();
        var released = new ReleasedFragments();
        var frames = Traffic();
        var counts = new int[5];
        Run(0, 400);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(400, 2000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(counts[(int)NaptVerdict.Translated] > 10_000 && counts[(int)NaptVerdict.Dropped] > 1000
            && counts[(int)NaptVerdict.Held] > 500);
        Assert.True(napt.Counters.Began > 2000);

        void Run(int from, int to)
        {
            for (var turn = from; turn < to; turn++)
            {
                Instant now = new(turn * 100_000L);
                foreach (var (bytes, isOutbound) in frames)
                    Carry(bytes, isOutbound, now);
                napt.Sweep(now, 100);
            }
        }

        unsafe void Carry(byte[] bytes, bool isOutbound, Instant now)
        {
            burst.Clear();
            bytes.CopyTo(new Span<byte>(burst.HeadOf(0), Burst.HeadCapacity));
            ref var frame = ref burst.Add(bytes.Length, null);
            frame.Offload = default;
            Admission.Admit(ref frame);
            Ipv4Layout.TryRead(frame.HeadBytes, frame.PacketOffset, frame.Length, out var packet);
            counts[(int)(isOutbound
                ? napt.Outbound(ref frame, packet, 0, 1, now, released)
                : napt.Inbound(ref frame, packet, now, released, out _))]++;
            while (released.TryTake(out var fragment, out _))
                released.Return(fragment);
        }
    }

    /// <summary>Flows that go on, flows that end and begin, resets, errors, strangers, and fragments in the wrong order.</summary>
    private static List<(byte[], bool)> Traffic()
    {
        var frames = new List<(byte[], bool)>();
        for (var i = 0; i < 3; i++)
            frames.Add((NatPacket.Parse($"udp 10.0.0.{i}:4000 > 192.0.2.7:53 len=40").Build(), true));
        frames.Add((NatPacket.Parse("tcp 10.0.0.5:4000 > 192.0.2.7:80 S seq=1").Build(), true));
        frames.Add((NatPacket.Parse("tcp 10.0.0.5:4001 > 192.0.2.7:80 R").Build(), true));
        frames.Add((NatPacket.Parse("icmp 192.0.2.7 > 203.0.113.1 type=3 len=60").Build(), false));
        frames.Add((NatPacket.Parse("udp 192.0.2.7:80 > 203.0.113.1:20000").Build(), false));
        foreach (var fragment in FragmentTests.Cut(NatPacket.Parse("udp 10.0.0.6:4000 > 192.0.2.7:53 len=2000"), 800)
            .AsEnumerable().Reverse())
            frames.Add((fragment, true));
        // A query's flow ends after a minute, so each of these begins one in every turn.
        for (var i = 0; i < 3; i++)
            frames.Add((NatPacket.Parse($"icmp 10.0.1.{i} > 192.0.2.7 type=8 id={i}").Build(), true));
        return frames;
    }
}
