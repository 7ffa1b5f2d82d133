using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Tests.Nat;

namespace SoftSwitch.Tests.Routing;

public sealed class TwoWorkersTests
{
    private const int Packets = 30_000;
    private const int Ports = 400;

    [Fact]
    public void One_worker_carries_out_and_another_in_and_every_flow_keeps_its_port_and_its_order()
    {
        var guest = new MemoryPort("guest", workers: 2, queueLength: 2 * Packets);
        var wire = new MemoryPort("wire", workers: 2, queueLength: 2 * Packets);
        using var sides = new TwoSides(guest, wire, workers: 2);
        for (var i = 0; i < Packets; i++)
            Assert.True(guest.Send(WorldRig.FrameOf(WorldRig.Guest0,
                NatPacket.Parse($"udp 10.10.0.5:{2000 + i % Ports} > 198.51.100.{i % 7}:53 len=30 ip={i} df").Build())));

        var failures = new Exception?[2];
        var outside = new Dictionary<int, HashSet<int>>();
        var reflected = 0;
        var threads = new[]
        {
            new Thread(() => failures[0] = Record.Exception(() => Run(0, guest, () => false))),
            // Outside, whoever is talked to answers at once, while the guest is still sending.
            new Thread(() => failures[1] = Record.Exception(() => Run(1, wire, Reflect))),
        };
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            Assert.True(thread.Join(TimeSpan.FromMinutes(2)), "a worker hangs");
        Assert.All(failures, Assert.Null);

        Assert.Equal(Packets, reflected);
        var last = new Dictionary<string, int>();
        var answers = 0;
        while (guest.TryTake(out var frame))
        {
            var packet = NatPacket.Read(frame.Bytes.ToArray());
            MemoryPort.Return(frame);
            Assert.Equal("10.10.0.5", packet.Destination.ToString());
            var pair = packet.ToString();
            Assert.True(last.GetValueOrDefault(pair, -1) < packet.Identification, $"{pair} out of order");
            last[pair] = packet.Identification;
            // The answer to inside port p carries p in its remote end's words: see Reflect.
            Assert.Contains(packet.SourcePort, new ushort[] { 53 });
            answers++;
        }
        Assert.Equal(Packets, answers);
        // RFC 4787, REQ-1: one outside port for an inside port, whatever the destination.
        Assert.Equal(Ports, outside.Count);
        Assert.Equal(Ports, outside.Values.SelectMany(ports => ports).Distinct().Count());

        bool Reflect()
        {
            var any = false;
            while (wire.TryTake(out var frame))
            {
                var sent = NatPacket.Read(frame.Bytes.ToArray());
                MemoryPort.Return(frame);
                var inside = 2000 + sent.Identification % Ports;
                if (!outside.TryGetValue(inside, out var ports))
                    outside.Add(inside, ports = []);
                ports.Add(sent.SourcePort);
                Assert.Single(ports);
                var answer = sent with { Source = sent.Destination, Destination = sent.Source, SourcePort = sent.DestinationPort,
                    DestinationPort = sent.SourcePort };
                Assert.True(wire.Send(WorldRig.FrameOf(WorldRig.Uplink, answer.Build())));
                reflected++;
                any = true;
            }
            return any;
        }

        void Run(int worker, MemoryPort port, Func<bool> between)
        {
            using var passage = new Passage(worker);
            var patience = DateTime.UtcNow.AddSeconds(60);
            for (var idle = 0; idle < 2000 && DateTime.UtcNow < patience;)
            {
                var any = between() | sides.Carry(passage, port) > 0;
                idle = any ? 0 : idle + 1;
                if (!any)
                    Thread.Sleep(1);
            }
        }
    }
}
