using CsCheck;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Nat;

public sealed class PropertyTests
{
    [Fact]
    public void Whatever_happens_a_living_mapping_keeps_its_port_and_shares_it_with_nobody() => Gen.Int.Sample(
        seed =>
        {
            var random = new Random(seed);
            using var rig = new NatRig(64, new NaptPolicy { FirstPort = 20_000, LastPort = 20_030, Filtering = (NaptFiltering)random.Next(3) });
            // The model: each flow's last packet, and the port that its inside end has.
            var flows = new Dictionary<(string Inside, string Remote), long>();
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
                        var result = rig.Outbound($"udp {inside} > {remote} len=5");
                        if (result.Verdict == NaptVerdict.Prohibited)
                            continue;
                        var port = result.Packet.SourcePort;
                        foreach (var (flow, last) in flows.Where(flow => rig.Now.Seconds - flow.Value > 300).ToList())
                            flows.Remove(flow);
                        foreach (var owner in ports.Where(owner => owner.Value == port && owner.Key != inside))
                            Assert.DoesNotContain(flows.Keys, flow => flow.Inside == owner.Key);
                        if (flows.Keys.Any(flow => flow.Inside == inside))
                            Assert.Equal(ports[inside], port);
                        flows[(inside, remote)] = rig.Now.Seconds;
                        ports[inside] = port;
                        Assert.Equal($"udp {remote} > {inside}", rig.In($"udp {remote} > 203.0.113.1:{port} len=9").ToString());
                        break;
                }
            }
        },
        iter: 200);

    [Fact]
    public void Translating_there_and_back_changes_no_byte() => Gen.Select(Gen.UInt, Gen.UShort, Gen.UInt, Gen.UShort, Gen.Byte.Array[0, 200], Gen.Bool).Sample(
        (source, sourcePort, destination, destinationPort, payload, isTcp) =>
        {
            using var rig = new NatRig(16);
            var sent = new NatPacket
            {
                Protocol = isTcp ? IpProtocol.Tcp : IpProtocol.Udp, Source = new(source), SourcePort = sourcePort, Destination = new(destination),
                DestinationPort = destinationPort, Payload = payload, Flags = 0x10,
            };
            var outside = rig.Outbound(sent.Build()).Packet;
            // The same bytes with the ends turned round: all sums stay as they are.
            var back = outside with
            {
                Source = outside.Destination, Destination = outside.Source, SourcePort = outside.DestinationPort, DestinationPort = outside.SourcePort,
            };
            var inside = rig.Inbound(back.Build()).Frame;
            var expected = sent with { Source = sent.Destination, Destination = sent.Source, SourcePort = sent.DestinationPort, DestinationPort = sent.SourcePort };
            Assert.Equal(expected.Build(), inside[..expected.Build().Length]);
        },
        iter: 300);
}
