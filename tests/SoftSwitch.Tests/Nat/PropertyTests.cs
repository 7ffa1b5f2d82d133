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
