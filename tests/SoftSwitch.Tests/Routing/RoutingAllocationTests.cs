using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Forwarding;
using SoftSwitch.Tests.Nat;

namespace SoftSwitch.Tests.Routing;

public sealed class RoutingAllocationTests
{
    [Fact]
    public void Routing_and_translating_allocate_nothing()
    {
        var frames = new List<(byte[] Bytes, VirtioNetHeader Offload)>();
        for (var i = 0; i < 600; i++)
        {
            // Old flows and ever new ones, super-frames, echo, fragments in and out of order and doubled, packets that wait, packets that
            // are refused.
            frames.Add((NatPacket.Parse($"udp 10.10.0.5:{1000 + i} > 198.51.100.7:53 len=30").Build(), default));
            var tcp = NatPacket.Parse($"tcp 10.10.0.5:{1000 + i % 50} > 198.51.100.7:80 A seq=1 len={100 + i * 30}");
            frames.Add((tcp.Build(isPartial: true), tcp.Offload(tcp.Payload.Length > 1400 ? 1400 : 0)));
            frames.Add((NatPacket.Parse($"icmp 10.10.0.5 > 198.51.100.7 type=8 id={i % 9} len=30").Build(), default));
            frames.Add((NatPacket.Parse("udp 10.99.0.5:1 > 198.51.100.7:53").Build(), default));
            frames.Add(((NatPacket.Parse("udp 10.10.0.5:1 > 198.51.100.7:53") with { Ttl = 1 }).Build(), default));
            frames.Add((NatPacket.Parse("47 10.10.0.5 > 198.51.100.7 len=40").Build(), default));
            frames.Add((NatPacket.Parse($"udp 10.10.0.5:1 > 10.10.0.77:53 len={i}").Build(), default));
            var fragments = FragmentTests.Cut(NatPacket.Parse($"udp 10.10.0.5:1 > 198.51.100.7:53 len=2000 ip={i}"), 800);
            foreach (var part in Fragments.Orders[i % 6])
                frames.AddRange([(fragments[part].ToArray(), default), (fragments[part].ToArray(), default)]);
        }
        frames.ForEach(frame => WorldRig.FrameOf(WorldRig.Guest0, frame.Bytes));
        var guest = new SinkPort("guest", PortOffloads.All, [.. frames.Select(frame => frame.Bytes)],
            [.. frames.Select(frame => frame.Offload)]);
        var wire = new SinkPort("wire", PortOffloads.Checksum, [], []);
        using var sides = new TwoSides(guest, wire, workers: 1);
        using var passage = new Passage(0);

        Run(300);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(2000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(wire.Swallowed > 50_000, $"only {wire.Swallowed} frames left");

        void Run(int turns)
        {
            for (var turn = 0; turn < turns; turn++)
                sides.Carry(passage, guest);
        }
    }

    [Fact]
    public void A_turns_first_frames_allocate_nothing_either_up_to_the_last_that_it_can_make()
    {
        const int ports = 30;
        var bridge = new Bridge("net", TimeSpan.FromSeconds(300), 100);
        var speaker = new Speaker();
        var members = Enumerable.Range(0, ports)
            .Select(i => new MemoryPort($"port{i}")).Append<Port>(speaker).Select(port => bridge.Attach(port)).ToArray();
        foreach (var member in members)
            bridge.SetUp(member, true);
        using var burst = new Burst();
        using var warm = new Dataplane(0);
        using var dataplane = new Dataplane(0);
        warm.Tick(speaker, burst, new(5_000));
        // The network is new to it: it makes room for its ports.
        dataplane.Process(burst, burst.All, members[0], new(5_000));
        speaker.Said = 0;
        var before = GC.GetAllocatedBytesForCurrentThread();
        var deliveries = dataplane.Tick(speaker, burst, new(5_000));
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(512, speaker.Said);
        // A flood out of each burst is one delivery to each port.
        Assert.Equal(8 * ports, deliveries.Length);
        foreach (var member in members)
            member.Port.Dispose();
    }

    /// <summary>Says as much to everybody as a turn can make.</summary>
    private sealed class Speaker() : InnerPort("speaker", new(GatewayRig.GatewayMac), 1500, 1)
    {
        public int Said { get; set; }

        public override void Handle(Turn turn, FrameSet own, FrameSet heard)
        {
        }

        public override void Tick(Turn turn)
        {
            for (; turn.TryMake(60, out var source, out var index); Said++)
            {
                source[index].HeadBytes[..6].Fill(0xFF);
                turn.Send(source, index, this);
            }
        }
    }
}
