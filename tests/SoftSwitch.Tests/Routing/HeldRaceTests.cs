using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Nat;
using static SoftSwitch.Tests.Routing.GatewayRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>Two workers at once: one carries a flow without a pause, the other brings the answer of the neighbor for which the flow's first
/// packets wait.</summary>
public sealed class HeldRaceTests
{
    private const int Rounds = 300;
    private const int PerRound = 60;

    [Fact]
    public void A_flow_keeps_its_order_when_its_neighbor_answers_to_another_worker()
    {
        var neighbor = Ipv4Address.Parse("10.10.0.6");
        var bridge = new Bridge("net", TimeSpan.FromSeconds(300), 100);
        var sender = new MemoryPort("sender", workers: 2, queueLength: 4 * PerRound);
        var receiver = new MemoryPort("receiver", workers: 2, queueLength: 4 * PerRound);
        var gateway = new Gateway("gateway", new(GatewayMac), Ipv4Address.Parse("10.10.0.1"), Subnet("10.10.0.0/24"), 1500, 2, 0);
        Membership[] members = [bridge.Attach(sender), bridge.Attach(receiver), bridge.Attach(gateway)];
        foreach (var member in members)
            bridge.SetUp(member, true);
        var workers = new[] { new Worker(0, sender, members[0]), new Worker(1, receiver, members[1]) };
        using var barrier = new Barrier(2);
        var failures = new Exception?[2];
        var told = 0;
        var threads = new[]
        {
            new Thread(() => failures[0] = Record.Exception(() => Run(0))) { IsBackground = true },
            new Thread(() => failures[1] = Record.Exception(() => Run(1))) { IsBackground = true },
        };
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            Assert.True(thread.Join(TimeSpan.FromMinutes(2)), "a worker hangs");
        Assert.All(failures, Assert.Null);
        Assert.Equal(Rounds * PerRound, told);
        foreach (var worker in workers)
            worker.Dispose();
        sender.Dispose();
        receiver.Dispose();

        void Run(int number)
        {
            for (var round = 0; round < Rounds; round++)
            {
                Instant now = new(5_000 + round * 10_000);
                if (number == 0)
                    gateway.Ipv4Neighbors.Table.Forget(neighbor);
                barrier.SignalAndWait();
                if (number == 0)
                    Speak(round, now);
                else
                    Answer(round, now);
                barrier.SignalAndWait();
                if (number == 0)
                    Hear(round, now);
            }
        }

        void Speak(int round, Instant now)
        {
            for (var i = 0; i < PerRound; i++)
            {
                var packet = NatPacket.Parse($"udp 10.10.0.5:4000 > {neighbor}:53 ip={i} df");
                Assert.True(sender.Send(WorldRig.FrameOf(WorldRig.Guest0, packet.Build())));
                // Alone and several at once.
                if (i % 3 != round % 3)
                    workers[0].Carry(now);
            }
            workers[0].Carry(now);
        }

        void Answer(int round, Instant now)
        {
            OwnedFrame? question;
            while (!receiver.TryTake(out question))
                Thread.SpinWait(1);
            MemoryPort.Return(question);
            Thread.SpinWait(round * 379 % 30_000);
            Assert.True(receiver.Send(Arp(ArpMessage.Reply, GuestMac(1), "10.10.0.6", "10.10.0.1", GatewayMac)));
            workers[1].Carry(now);
        }

        void Hear(int round, Instant now)
        {
            // A last packet that came just when the answer was heard waits for the next one, or for the tick.
            workers[0].Tick(gateway, now + TimeSpan.FromSeconds(1));
            var next = 0;
            while (receiver.TryTake(out var frame))
            {
                if (frame.Bytes[12] == 8 && frame.Bytes[13] == 0)
                    Assert.Equal((round, next++), (round, NatPacket.Read(frame.Bytes.ToArray()).Identification));
                MemoryPort.Return(frame);
            }
            Assert.Equal((round, PerRound), (round, next));
            told += next;
        }
    }

    private sealed class Worker(int number, MemoryPort port, Membership member) : IDisposable
    {
        private readonly Dataplane _dataplane = new(number);
        private readonly Egress _egress = new(number);
        private readonly Burst _burst = new();

        public void Carry(Instant now)
        {
            _burst.Clear();
            port.Receive(_burst);
            Transmit(_dataplane.Process(_burst, _burst.All, member, now));
            Resume(now);
        }

        public void Tick(InnerPort inner, Instant now)
        {
            _burst.Clear();
            Transmit(_dataplane.Tick(inner, _burst, now));
            Resume(now);
        }

        public void Dispose()
        {
            _dataplane.Dispose();
            _egress.Dispose();
            _burst.Dispose();
        }

        private void Resume(Instant now)
        {
            while (_dataplane.TryTakeCalled(out var inner))
                Transmit(_dataplane.Resume(inner, _burst, now));
        }

        private void Transmit(ReadOnlySpan<Delivery> deliveries)
        {
            foreach (var delivery in deliveries)
            {
                var sends = int.MaxValue;
                _egress.Transmit(delivery.Source, delivery.Output.Port, delivery.Frames, ref sends);
            }
            _dataplane.Settle();
        }
    }
}
