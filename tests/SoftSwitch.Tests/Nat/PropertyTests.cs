using CsCheck;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Nat;

public sealed class PropertyTests
{
    [Fact]
    public void Whatever_happens_answers_find_who_asked_and_a_port_is_one_inside_ends_own() => Gen.Int.Sample(
        seed =>
        {
            var random = new Random(seed);
            // Few flows, few ports, few of either for each: at all limits most of the time.
            using var rig = new NatRig(64, new NaptPolicy
            {
                FirstPort = 20_000, LastPort = (ushort)(20_000 + random.Next(40)), Filtering = (NaptFiltering)random.Next(3),
                MappingsPerOwner = random.Next(1, 20), FlowsPerOwner = random.Next(4, 40),
            });
            // The model: the outside port of each inside end that is its own.
            var ports = new Dictionary<string, ushort>();
            for (var step = 0; step < 300; step++)
            {
                var inside = $"10.0.0.{random.Next(4)}:{4000 + random.Next(10)}";
                var remote = $"192.0.2.{random.Next(3)}:{50 + random.Next(4)}";
                switch (random.Next(6))
                {
                    case 0:
                        rig.Wait(random.Next(200));
                        rig.Napt.Sweep(rig.Now, random.Next(64));
                        break;
                    case 1:
                        rig.Inbound($"udp {remote} > 203.0.113.1:{random.Next(20_000, 20_031)}");
                        break;
                    default:
                        var before = rig.Flows;
                        var result = rig.Outbound($"udp {inside} > {remote} len=5");
                        if (result.Verdict == NaptVerdict.Prohibited)
                            continue;
                        var port = result.Packet.SourcePort;
                        // A flow that lives, and a mapping that does, keep their port.
                        if (before.FirstOrDefault(flow => End(flow) == inside
                            && $"{flow.Remote}:{flow.RemotePort}" == remote) is { OutsidePort: > 0 } old)
                            Assert.Equal(old.OutsidePort, port);
                        if (random.Next(2) == 0)
                            Assert.Equal($"udp {remote} > {inside}", rig.In($"udp {remote} > 203.0.113.1:{port} len=9").ToString());
                        break;
                }
                var flows = rig.Flows;
                Assert.Equal(flows.Count, flows.DistinctBy(flow => (flow.OutsidePort, flow.Remote, flow.RemotePort)).Count());
                foreach (var own in flows.Where(flow => !flow.Overlapped).GroupBy(flow => flow.OutsidePort))
                    Assert.Single(own.Select(End).Distinct());
                foreach (var own in flows.Where(flow => !flow.Overlapped).GroupBy(End))
                {
                    Assert.Single(own.Select(flow => flow.OutsidePort).Distinct());
                    // As long as one flow of before lives, its port is the same.
                    if (ports.TryGetValue(own.Key, out var had) && own.Any(flow => flow.Age > 0))
                        Assert.Equal(had, own.First().OutsidePort);
                    ports[own.Key] = own.First().OutsidePort;
                }
            }
            rig.Wait(301);
            rig.Sweep();
            rig.Sweep();
            Assert.Equal((0, 0), (rig.Napt.Counters.Flows, rig.Napt.Counters.Mappings));

            static string End(NaptFlow flow) => $"{flow.Inside}:{flow.InsidePort}";
        },
        iter: 200);

    [Fact]
    public void Whatever_happens_an_answer_leaves_with_the_address_that_was_asked() => Gen.Int.Sample(
        seed =>
        {
            var random = new Random(seed);
            using var rig = new NatRig(32, new NaptPolicy { FlowsPerOwner = random.Next(4, 40) });
            Ipv4Address[] addresses = [NatRig.Outside, .. Enumerable.Range(2, 5).Select(i => Ipv4Address.Parse($"203.0.113.{i}"))];
            NaptForward forward = new(new(IpProtocol.Udp, 5000, 5002), Ipv4Address.Parse("10.0.0.9"), 60);
            rig.Napt.SetForwards(0, [forward], rig.Now);
            // The model: which addresses are there, and by which each pair of ends speaks.
            HashSet<Ipv4Address> open = [NatRig.Outside];
            var asked = new Dictionary<string, (Ipv4Address Address, int Port)>();
            var only = default(Ipv4Address?);
            for (var step = 0; step < 300; step++)
            {
                var (port, address) = (random.Next(3), addresses[random.Next(addresses.Length)]);
                var remote = $"192.0.2.{random.Next(3)}:{50 + random.Next(3)}";
                var ends = $"10.0.0.9:{60 + port} {remote}";
                switch (random.Next(12))
                {
                    case 0:
                        rig.Wait(random.Next(30));
                        rig.Napt.Sweep(rig.Now, random.Next(32));
                        break;
                    case 1:
                        NaptAlias[] aliases = [.. addresses.Skip(1).Where(_ => random.Next(3) > 0)
                            .Select(one => new NaptAlias(one, IsClosed: random.Next(3) == 0))];
                        rig.Napt.SetAliases(aliases, rig.Now, []);
                        open = [NatRig.Outside, .. aliases.Where(alias => !alias.IsClosed).Select(alias => alias.Address)];
                        break;
                    case 2:
                        only = random.Next(2) == 0 ? null : address;
                        rig.Napt.SetForwards(0, [forward with { On = only }], rig.Now);
                        break;
                    case < 8:
                        var came = rig.Inbound($"udp {remote} > {address}:{5000 + port} len=9");
                        if (came.Verdict != NaptVerdict.Translated)
                            break;
                        Assert.Contains(address, open);
                        Assert.True(only is null || only == address || asked.ContainsKey(ends));
                        Assert.Equal($"udp {remote} > 10.0.0.9:{60 + port}", came.Packet.ToString());
                        // Who speaks by one address does not by another.
                        Assert.Equal((address, 5000 + port), asked.GetValueOrDefault(ends, (address, 5000 + port)));
                        asked[ends] = (address, 5000 + port);
                        break;
                    default:
                        var answer = rig.Outbound($"udp 10.0.0.9:{60 + port} > {remote} len=9");
                        var isAnswer = asked.TryGetValue(ends, out var from);
                        if (answer.Verdict != NaptVerdict.Translated)
                        {
                            Assert.False(isAnswer && open.Contains(from.Address));
                            break;
                        }
                        var (source, sourcePort) = (answer.Packet.Source, answer.Packet.SourcePort);
                        Assert.Equal(isAnswer ? from : (NatRig.Outside, sourcePort), (source, sourcePort));
                        // At an address where the forward isn't, its port is somebody else's.
                        if (!isAnswer)
                            Assert.Equal(only is null, sourcePort == 5000 + port);
                        asked[ends] = (source, sourcePort);
                        break;
                }
                var flows = rig.Flows.ToDictionary(flow => $"{flow.Inside}:{flow.InsidePort} {flow.Remote}:{flow.RemotePort}");
                foreach (var gone in asked.Keys.Except(flows.Keys).ToList())
                    asked.Remove(gone);
                Assert.All(flows, flow => Assert.Equal(asked[flow.Key], (flow.Value.Outside, flow.Value.OutsidePort)));
            }
            rig.Napt.SetAliases([], rig.Now, []);
            Assert.All(rig.Flows, flow => Assert.Equal(NatRig.Outside, flow.Outside));
            rig.Wait(301);
            rig.Sweep();
            rig.Sweep();
            Assert.Equal(0, rig.Napt.Counters.Flows);
        },
        iter: 200);

    [Fact]
    public void Translating_there_and_back_changes_no_byte() =>
        Gen.Select(Gen.UInt, Gen.UShort, Gen.UInt, Gen.UShort, Gen.Byte.Array[0, 200], Gen.Bool).Sample(
            (source, sourcePort, destination, destinationPort, payload, isTcp) =>
            {
                using var rig = new NatRig(16);
                var sent = new NatPacket
                {
                    Protocol = isTcp ? IpProtocol.Tcp : IpProtocol.Udp, Source = new(source), SourcePort = sourcePort,
                    Destination = new(destination),
                    DestinationPort = destinationPort, Payload = payload, Flags = 0x10, DontFragment = true,
                };
                var outside = rig.Outbound(sent.Build()).Packet;
                // The same bytes with the ends turned round: all sums stay as they are.
                var back = outside with
                {
                    Source = outside.Destination, Destination = outside.Source, SourcePort = outside.DestinationPort,
                    DestinationPort = outside.SourcePort,
                };
                var inside = rig.Inbound(back.Build()).Frame;
                var expected = sent with { Source = sent.Destination, Destination = sent.Source, SourcePort = sent.DestinationPort,
                    DestinationPort = sent.SourcePort };
                Assert.Equal(expected.Build(), inside[..expected.Build().Length]);
            },
            iter: 300);
}
