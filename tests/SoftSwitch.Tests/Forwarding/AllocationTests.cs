using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.Forwarding;

public sealed class AllocationTests
{
    [Fact]
    public void A_running_dataplane_allocates_nothing()
    {
        var bridge = new Bridge("lan", TimeSpan.FromSeconds(300), 1000);
        var (frames, headers) = Traffic();
        using var input = new SinkPort("input", PortOffloads.All, frames, headers);
        SinkPort[] outputs =
        [
            new("everything", PortOffloads.All, [], []), new("checksums", PortOffloads.Checksum, [], []),
            new("nothing", PortOffloads.None, [], []),
        ];
        var members = outputs.Prepend(input).Select(port => bridge.Attach(port)).ToArray();
        foreach (var member in members)
            bridge.SetUp(member, true);
        bridge.Fdb.Learn(Mac(7), members[^1].Slot, new(0));
        using var passage = new Passage(0);

        Run(100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(2000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.All(outputs, output => Assert.True(output.Swallowed > 50_000));

        void Run(int turns)
        {
            for (var turn = 0; turn < turns; turn++)
            {
                input.Receive(passage.Burst);
                passage.Begin(members[0], new(turn * 700L));
                while (!passage.Continue(64))
                    bridge.Fdb.Sweep(new(turn * 700L), 4);
                passage.Burst.Clear();
            }
        }
    }

    /// <summary>Some of everything: new stations, known ones, floods, partial checksums, super-frames, and frames that are
    /// dropped.</summary>
    private static (byte[][] Frames, VirtioNetHeader[] Headers) Traffic()
    {
        var frames = new List<(byte[], VirtioNetHeader)>();
        for (uint i = 0; i < 3000; i++)
        {
            frames.Add((Frame(i % 3 == 0 ? Broadcast : Mac(7), Mac(100 + i)), default));
            var spec = new PacketSpec { Destination = Mac(7), Source = Mac(100), Payload = 300 };
            frames.Add((spec.Build(isPartial: true), spec.Offload()));
            if (i % 50 == 0)
            {
                var large = new PacketSpec { Payload = 20_000, IsIpv6 = i % 100 == 0 };
                frames.Add((large.Build(isPartial: true), large.Offload(1400)));
                frames.Add((large.Build(isPartial: true), large.Offload(3)));
                frames.Add((large.Build(), large.Offload(1400) with { Flags = VirtioNetFlags.DataValid }));
                var tunnel = new TunnelSpec { Kind = (TunnelKind)(i / 50 % 7), Inner = large, HasChecksum = true };
                frames.Add((tunnel.Build(isPartial: true, isSuper: true), tunnel.Offload(1300)));
                frames.Add((new byte[5], default));
            }
        }
        return ([.. frames.Select(frame => frame.Item1)], [.. frames.Select(frame => frame.Item2)]);
    }
}
