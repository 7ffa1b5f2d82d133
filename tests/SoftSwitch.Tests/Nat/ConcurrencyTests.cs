using System.Collections.Concurrent;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Nat;

public sealed class ConcurrencyTests
{
    private static readonly NaptPolicy Open = new() { Filtering = NaptFiltering.EndpointIndependent, FirstPort = 1024, LastPort = 65_535 };

    [Fact]
    public void Two_workers_give_every_inside_port_one_outside_port_and_no_two_the_same()
    {
        using var napt = Translator.Of(new() { OutsideAddress = NatRig.Outside, Capacity = 200_000 }, Open, new NaptPolicy());
        var ports = new ConcurrentDictionary<string, ushort>();
        var owners = new ConcurrentDictionary<(string, ushort), string>();
        Run(2, worker =>
        {
            using var rig = new NatRig(napt);
            var random = new Random(worker);
            for (var i = 0; i < 30_000; i++)
            {
                // Both workers carry both directions of the same flows.
                var protocol = random.Next(2) == 0 ? "udp" : "tcp";
                string inside = $"10.0.0.{random.Next(1, 20)}:{4000 + random.Next(40)}",
                    remote = $"192.0.2.{random.Next(1, 5)}:{1000 + random.Next(3)}";
                var port = rig.Out($"{protocol} {inside} > {remote}{(protocol == "tcp" ? " S" : "")}").SourcePort;
                Assert.Equal(port, ports.GetOrAdd(protocol + inside, port));
                Assert.Equal(inside, owners.GetOrAdd((protocol, port), inside));
                var answer = rig.In($"{protocol} {remote} > 203.0.113.1:{port}{(protocol == "tcp" ? " SA" : "")}");
                Assert.Equal(inside, $"{answer.Destination}:{answer.DestinationPort}");
            }
        });
        Assert.Equal(ports.Count, napt.Counters.Mappings);
        Assert.Equal(napt.Counters.Flows, napt.Counters.Began);
    }

    [Fact]
    public void Addresses_come_and_go_and_two_workers_answer_with_the_one_that_was_asked()
    {
        using var napt = Translator.Of(new() { OutsideAddress = NatRig.Outside, Capacity = 20_000 }, new NaptPolicy());
        var now = new NatRig(napt).Now;
        napt.SetForwards(0, [new(new(IpProtocol.Udp, 53, 53), Ipv4Address.Parse("10.0.0.9"), 53)], now);
        NaptAlias[] always = [.. Enumerable.Range(2, 5).Select(i => new NaptAlias(Ipv4Address.Parse($"203.0.113.{i}")))];
        napt.SetAliases(always, now, []);
        var busy = 2;
        Run(3, worker =>
        {
            using var rig = new NatRig(napt);
            var random = new Random(worker);
            if (worker == 2)
            {
                for (var i = 0; Volatile.Read(ref busy) > 0; i++)
                {
                    var some = Enumerable.Range(0, random.Next(10)).Select(n => new NaptAlias(Ipv4Address.Parse($"198.51.100.{n}")));
                    napt.SetAliases([.. always, .. some], now, []);
                }
                return;
            }
            for (var i = 0; i < 30_000; i++)
            {
                var (remote, isSure) = ($"192.0.2.{worker}:{1 + random.Next(60_000)}", random.Next(4) > 0);
                var address = isSure ? $"203.0.113.{random.Next(1, 12)}" : $"198.51.100.{random.Next(20)}";
                if (rig.Inbound($"udp {remote} > {address}:53").Verdict != NaptVerdict.Translated)
                    continue;
                // Of the others, the flow may have ended meanwhile.
                var answer = rig.Outbound($"udp 10.0.0.9:53 > {remote}");
                if (isSure)
                    Assert.Equal($"udp {address}:53 > {remote}", answer.Packet.ToString());
                else if (answer.Verdict == NaptVerdict.Translated)
                    Assert.True(answer.Packet.Source.ToString() is var source && (source == address || source == "203.0.113.1"));
            }
            Interlocked.Decrement(ref busy);
        });
        napt.SetAliases([], now, []);
        using var last = new NatRig(napt);
        Assert.All(last.Flows, flow => Assert.Equal(NatRig.Outside, flow.Outside));
    }

    /// <summary>Before anything has begun, nothing but the lock keeps the two from each other.</summary>
    [Fact]
    public void An_address_that_goes_while_the_first_flow_begins_there_leaves_none_behind()
    {
        const int rounds = 1_000;
        NaptAlias alias = new(Ipv4Address.Parse("203.0.113.2"));
        var question = NatPacket.Parse("udp 192.0.2.7:1000 > 203.0.113.2:53").Build();
        using var both = new Barrier(2);
        Napt? napt = null;
        var left = 0;
        Run(2, worker =>
        {
            var random = new Random(worker);
            for (var round = 0; round < rounds; round++)
            {
                if (worker == 0)
                {
                    napt = Translator.Of(new() { OutsideAddress = NatRig.Outside, Capacity = 16 }, new NaptPolicy());
                    napt.SetForwards(0, [new(new(IpProtocol.Udp, 53, 53), Ipv4Address.Parse("10.0.0.9"), 53)], default);
                    napt.SetAliases([alias], default, []);
                }
                both.SignalAndWait();
                using var rig = new NatRig(napt!);
                both.SignalAndWait();
                Thread.SpinWait(random.Next(200));
                if (worker == 0)
                    napt!.SetAliases([], rig.Now, []);
                else
                    rig.Inbound(question);
                both.SignalAndWait();
                if (worker == 0)
                {
                    left += rig.Flows.Count;
                    napt!.Dispose();
                }
            }
        });
        Assert.Equal(0, left);
    }

    [Fact]
    public void Flows_that_begin_end_are_swept_shown_and_taken_at_once_leave_nothing_behind()
    {
        using var napt = Translator.Of(
            new() { OutsideAddress = NatRig.Outside, Capacity = 3000 }, Open, new NaptPolicy { FirstPort = 2000, LastPort = 2200 });
        var clock = 100_000L;
        var busy = 2;
        Run(3, worker =>
        {
            using var rig = new NatRig(napt);
            var random = new Random(worker);
            if (worker == 2)
            {
                for (var i = 0; Volatile.Read(ref busy) > 0; i++)
                {
                    rig.Now = new(Interlocked.Add(ref clock, 20_000));
                    napt.Sweep(rig.Now, 500);
                    Consistent(rig);
                    if (i % 8 == 0)
                        napt.ExcludePorts(IpProtocol.Udp,
                            [.. Enumerable.Range(0, 50).Select(_ => (ushort)random.Next(2000, 2200))]);
                    if (i % 16 == 0)
                        napt.SetForwards(0, [new(new(IpProtocol.Udp, 80, 90), new(0x0A00_0001), (ushort)random.Next(4000))], rig.Now);
                }
                return;
            }
            for (var i = 0; i < 60_000; i++)
            {
                rig.Now = new(Volatile.Read(ref clock));
                var policy = random.Next(2);
                var result = rig.Outbound(
                    $"udp 10.{policy}.0.{random.Next(1, 20)}:{4000 + random.Next(40)} > 192.0.2.1:{1000 + random.Next(5)}", policy);
                if (result.Verdict == NaptVerdict.Translated)
                    Assert.Equal(NatRig.Outside, result.Packet.Source);
                // Whoever is found at a port is an inside host of the network that the answer names, the checksums right.
                result = rig.Inbound($"udp 192.0.2.1:{1000 + random.Next(5)} > "
                    + $"203.0.113.1:{(random.Next(4) == 0 ? random.Next(80, 91) : random.Next(2000, 2200))}");
                if (result.Verdict == NaptVerdict.Translated)
                    Assert.Equal(0x0A00u | (uint)result.Policy, result.Packet.Destination.Value >> 16);
            }
            Interlocked.Decrement(ref busy);
        });
        var end = new Instant(clock) + TimeSpan.FromHours(1);
        napt.SetForwards(0, [], end);
        napt.Sweep(end, int.MaxValue);
        Assert.Equal((0, 0), (napt.Counters.Flows, napt.Counters.Mappings));
        Assert.True(napt.Counters.Began > 5000, $"only {napt.Counters.Began} flows began");

        // All quotas and slots are free again.
        using var after = new NatRig(napt) { Now = end + TimeSpan.FromSeconds(2) };
        for (var i = 0; i < 3000; i++)
            after.Out($"udp 10.0.0.1:4000 > 192.0.2.1:{1000 + i}");
    }

    [Fact]
    public void Networks_come_change_and_go_and_two_workers_carry_the_others_flows()
    {
        NaptPolicy[] policies =
        [
            new() { Filtering = NaptFiltering.AddressDependent },
            new() { FirstPort = 40_000, LastPort = 40_199, MappingsPerOwner = 20 },
            new() { FirstPort = 40_100, LastPort = 40_299, Filtering = NaptFiltering.EndpointIndependent },
        ];
        using var napt = Translator.Of(new() { OutsideAddress = NatRig.Outside, Capacity = 20_000 }, new NaptPolicy());
        var busy = 2;
        var carried = new int[4];
        Run(3, worker =>
        {
            using var rig = new NatRig(napt);
            var random = new Random(worker);
            if (worker == 2)
            {
                while (Volatile.Read(ref busy) > 0)
                {
                    var network = random.Next(1, 4);
                    napt.SetPolicy(network, policies[random.Next(3)], rig.Now);
                    Ipv4Address server = new(0x0A00_0001 + ((uint)network << 16));
                    var first = (ushort)(80 * network);
                    napt.SetForwards(network, [new(new(IpProtocol.Udp, first, first + 9), server, 4000)], rig.Now);
                    if (random.Next(4) != 0)
                        continue;
                    napt.RemovePolicy(network, rig.Now);
                    Assert.DoesNotContain(rig.Flows, flow => flow.Policy == network);
                }
                return;
            }
            var ports = new Dictionary<string, ushort>();
            for (var i = 0; i < 12_000; i++)
            {
                string inside = $"10.0.{worker}.{random.Next(1, 9)}:{4000 + random.Next(20)}", remote = $"192.0.2.{random.Next(1, 5)}:5000";
                var port = rig.Out($"udp {inside} > {remote}").SourcePort;
                Assert.Equal(port, ports.TryGetValue(inside, out var before) ? before : ports[inside] = port);
                var answer = rig.In($"udp {remote} > 203.0.113.1:{port}");
                Assert.Equal(inside, $"{answer.Destination}:{answer.DestinationPort}");

                var network = random.Next(1, 4);
                var result = rig.Outbound($"udp 10.{network}.0.{random.Next(1, 20)}:{4000 + random.Next(40)} > {remote}", network);
                Assert.NotEqual(NaptVerdict.Dropped, result.Verdict);
                Interlocked.Add(ref carried[network], result.Verdict == NaptVerdict.Translated ? 1 : 0);
                var asked = random.Next(2) == 0 ? random.Next(80, 250) : random.Next(40_000, 40_300);
                result = rig.Inbound($"udp {remote} > 203.0.113.1:{asked}");
                if (result.Verdict == NaptVerdict.Translated)
                    Assert.Equal(0x0A00u | (uint)result.Policy, result.Packet.Destination.Value >> 16);
            }
            Interlocked.Decrement(ref busy);
        });
        Assert.All(carried[1..], count => Assert.InRange(count, 300, int.MaxValue));
        using var after = new NatRig(napt);
        for (var network = 1; network < 4; network++)
            napt.RemovePolicy(network, after.Now);
        Assert.All(after.Flows, flow => Assert.Equal(0, flow.Policy));
        Assert.Equal(after.Flows.Count, napt.Counters.Flows);
        Assert.Equal(after.Flows.DistinctBy(flow => flow.OutsidePort).Count(), napt.Counters.Mappings);
        // All that the others had is free.
        var before = napt.Counters.GivenUp;
        for (var i = after.Flows.Count; i < 20_000; i++)
            after.Out($"udp 10.0.9.{i / 500}:4000 > 192.0.2.7:{6000 + i % 500}");
        Assert.Equal(before, napt.Counters.GivenUp);
    }

    [Fact]
    public void Two_workers_lose_no_fragment_to_each_other()
    {
        using var napt = Translator.Of(new() { OutsideAddress = NatRig.Outside, Capacity = 1000 }, Open);
        Run(2, worker =>
        {
            using var rig = new NatRig(napt);
            var random = new Random(worker);
            for (var i = 0; i < 4000; i++)
            {
                var fragments = FragmentTests.Cut(
                    NatPacket.Parse($"udp 10.0.{worker}.{random.Next(9)}:4000 > 192.0.2.{worker}:53 len=2000 ip={i}"), 800);
                random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(fragments));
                var crossed = 0;
                foreach (var fragment in fragments)
                {
                    var result = rig.Outbound(fragment);
                    Assert.NotEqual(NaptVerdict.Dropped, result.Verdict);
                    crossed += result.Verdict == NaptVerdict.Translated ? 1 : 0;
                    foreach (var frame in rig.Released(outbound: true))
                    {
                        Assert.Equal(worker, frame[33]);
                        crossed++;
                    }
                }
                Assert.Equal(3, crossed);
            }
        });
        Assert.Equal(0, napt.Counters.HeldFragments);
    }

    private static void Consistent(NatRig rig)
    {
        // A port may change hands while a list is made: then both are in it, of the same moment even, as a worker that waits long has an
        // old clock. But what is in two lists, one after the other, was there between them, and there a port is one's.
        var flows = rig.Flows.IntersectBy(rig.Flows.Select(Identity), Identity);
        foreach (var port in flows.Where(flow => !flow.Overlapped).GroupBy(flow => (flow.Protocol, flow.OutsidePort)))
            Assert.True(port.DistinctBy(flow => (flow.Inside, flow.InsidePort)).Count() == 1 || port.Any(flow => flow.FromOutside),
                "two insiders at a port");
    }

    private static (byte, uint, ushort, ushort, uint, ushort, uint) Identity(NaptFlow flow) =>
        (flow.Protocol, flow.Inside.Value, flow.InsidePort, flow.OutsidePort, flow.Remote.Value, flow.RemotePort, flow.Age);

    private static void Run(int threads, Action<int> body)
    {
        var failures = new Exception?[threads];
        var all = Enumerable.Range(0, threads).Select(worker => new Thread(() => failures[worker] = Record.Exception(() => body(worker))))
            .ToList();
        all.ForEach(thread => thread.Start());
        foreach (var thread in all)
            Assert.True(thread.Join(TimeSpan.FromMinutes(3)), "a thread hangs");
        Assert.All(failures, Assert.Null);
    }
}
