using CsCheck;
using SoftSwitch.Forwarding.Images;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Nat;

/// <summary>A translator's state, written and read by another: from there on both say the same of each packet of a flow that was
/// there.</summary>
public sealed class ImageTests
{
    private static readonly Ipv4Address s_alias = Ipv4Address.Parse("203.0.113.9"), s_server = Ipv4Address.Parse("10.0.0.9");

    private static readonly NaptForward[] s_forwards = [new(new(IpProtocol.Udp, 5000, 5002), s_server, 60),
        new(new(IpProtocol.Tcp, 2222, 2222), s_server, 22), new(new(IpProtocol.Udp, 53, 53), s_server, 53) { On = s_alias }];

    [Fact]
    public void Whatever_has_happened_the_next_program_says_what_this_one_would() => Gen.Int.Sample(
        seed =>
        {
            var random = new Random(seed);
            NaptPolicy[] policies =
            [
                .. Enumerable.Range(0, 2).Select(_ => new NaptPolicy
                {
                    FirstPort = 20_000, LastPort = (ushort)(20_000 + random.Next(10, 60)), Filtering = (NaptFiltering)random.Next(3),
                    MappingsPerOwner = random.Next(2, 20), FlowsPerOwner = random.Next(4, 40),
                }),
            ];
            using var before = new NatRig(96, policies);
            before.Napt.SetForwards(0, s_forwards, before.Now);
            before.Napt.SetAliases([new(s_alias)], before.Now, []);
            for (var step = 0; step < 200; step++)
                Step(before, random);
            using var after = new NatRig(96, policies) { Now = before.Now };
            var known = before.Flows.Count;
            var (read, leftOut) = Pass(before, after);
            Assert.True(read >= known, $"{known} flows, {read} read, {leftOut} left out");
            after.Napt.SetForwards(0, s_forwards, after.Now);
            after.Napt.SetAliases([new(s_alias)], after.Now, []);
            Assert.Equal(Words(before), Words(after));
            Assert.Equal(Owners(before), Owners(after));
            for (var step = 0; step < 60 && before.Flows is { Count: > 0 } flows; step++)
            {
                Go(before, after, flows[random.Next(flows.Count)], random);
                Assert.Equal(Words(before), Words(after));
            }
            after.Wait(20_000);
            after.Sweep();
            after.Sweep();
            Assert.Equal((0, 0), (after.Napt.Counters.Flows, after.Napt.Counters.Mappings));
            Assert.Empty(Owners(after));
        },
        iter: 300);

    [Fact]
    public void A_network_or_port_that_is_gone_takes_its_flows_with_it_and_one_with_another_number_does_not()
    {
        using var before = new NatRig(new NaptPolicy(), new NaptPolicy());
        before.Out("udp 10.0.0.5:4000 > 192.0.2.7:53", policy: 0, port: 3);
        before.Out("udp 10.1.0.5:4000 > 192.0.2.7:53", policy: 1, port: 4);
        before.Out("udp 10.1.0.6:4001 > 192.0.2.7:53", policy: 1, port: 5);
        var image = Write(before);
        using var after = new NatRig(new NaptPolicy()) { Now = before.Now };
        var (read, leftOut) = after.Napt.Read(
            new(image), name => name == "net1" ? 0 : -1, (_, name) => name == "port4" ? (ushort)9 : (ushort)0, after.Now);
        Assert.Equal((1, 2), (read, leftOut));
        Assert.Equal("10.1.0.5", $"{Assert.Single(after.Flows).Inside}");
        Assert.Equal(9, Assert.Single(Owners(after)).Port);
        // What was another's is free.
        Assert.Equal(1, after.Napt.Counters.Mappings);
    }

    [Fact]
    public void Bytes_that_make_no_sense_break_nothing() => Gen.Int.Sample(
        seed =>
        {
            var random = new Random(seed);
            using var before = new NatRig(64, new NaptPolicy(), new NaptPolicy());
            before.Napt.SetForwards(0, s_forwards, before.Now);
            for (var step = 0; step < 60; step++)
                Step(before, random);
            var image = Write(before);
            for (var changes = random.Next(1, 40); changes > 0; changes--)
                image[random.Next(image.Length)] = (byte)random.Next(256);
            if (random.Next(3) == 0)
                image = image[..random.Next(image.Length)];
            using var after = new NatRig(64, new NaptPolicy(), new NaptPolicy()) { Now = before.Now };
            try
            {
                Read(after, image);
            }
            catch (InvalidDataException)
            {
                // That is said.
            }
            after.Napt.SetForwards(0, s_forwards, after.Now);
            for (var step = 0; step < 60; step++)
                Step(after, random);
            after.Wait(20_000);
            after.Sweep();
            after.Sweep();
            Assert.Equal((0, 0), (after.Napt.Counters.Flows, after.Napt.Counters.Mappings));
            Assert.Empty(Owners(after));
        },
        iter: 500);

    [Fact]
    public void What_is_cut_off_behind_the_ports_leaves_none_in_use()
    {
        using var before = new NatRig(new NaptPolicy());
        for (var number = 0; number < 40; number++)
            before.Out($"udp 10.0.0.5:{4000 + number} > 192.0.2.7:53", port: 3);
        var image = Write(before);
        using var after = new NatRig(new NaptPolicy()) { Now = before.Now };
        Assert.Throws<InvalidDataException>(() => Read(after, image[..^8]));
        Assert.Equal(0, after.Napt.Counters.Mappings);
    }

    private static void Step(NatRig rig, Random random)
    {
        var policy = random.Next(2);
        var inside = $"10.{policy}.0.{random.Next(1, 4)}:{4000 + random.Next(8)}";
        var remote = $"192.0.2.{random.Next(3)}:{50 + random.Next(4)}";
        var port = random.Next(1, 4);
        switch (random.Next(9))
        {
            case 0:
                rig.Wait(random.Next(20));
                rig.Napt.Sweep(rig.Now, random.Next(64));
                break;
            case 1:
                rig.Inbound($"udp {remote} > 203.0.113.1:{random.Next(20_000, 20_040)}");
                break;
            case 2:
                rig.Inbound($"udp {remote} > {(random.Next(2) == 0 ? "203.0.113.1" : $"{s_alias}")}:{(random.Next(3) == 0 ? 53 : 5000)}");
                break;
            case 3:
                rig.Inbound($"tcp {remote} > 203.0.113.1:2222 S seq={random.Next(1000)}");
                break;
            case 4:
                rig.Outbound($"icmp 10.{policy}.0.{random.Next(1, 4)} > 192.0.2.7 type=8 id={random.Next(5)}", policy, port);
                break;
            case 5 or 6:
                var syn = rig.Outbound($"tcp {inside} > {remote} S seq=1000 ws={random.Next(8)}", policy, port);
                if (syn.Verdict != NaptVerdict.Translated || random.Next(3) == 0)
                    break;
                var (address, number) = (syn.Packet.Source, syn.Packet.SourcePort);
                rig.Inbound($"tcp {remote} > {address}:{number} SA seq=5000 ack=1001 ws=7");
                rig.Outbound($"tcp {inside} > {remote} A seq=1001 ack=5001", policy, port);
                if (random.Next(4) == 0)
                    rig.Outbound($"tcp {inside} > {remote} FA seq=1001 ack=5001", policy, port);
                break;
            default:
                var sent = rig.Outbound($"udp {inside} > {remote} len=5", policy, port);
                if (sent.Verdict == NaptVerdict.Translated && random.Next(2) == 0)
                    rig.Inbound($"udp {remote} > {sent.Packet.Source}:{sent.Packet.SourcePort} len=9");
                break;
        }
    }

    /// <summary>A packet of a flow, from either side, or time.</summary>
    private static void Go(NatRig before, NatRig after, NaptFlow flow, Random random)
    {
        if (random.Next(5) == 0)
        {
            var seconds = random.Next(40);
            foreach (var rig in (NatRig[])[before, after])
            {
                rig.Wait(seconds);
                rig.Sweep();
            }
            return;
        }
        var isOut = random.Next(2) == 0;
        var packet = new NatPacket
        {
            Protocol = flow.Protocol, DontFragment = true,
            Source = isOut ? flow.Inside : flow.Remote, Destination = isOut ? flow.Remote : flow.Outside,
            SourcePort = isOut || flow.Protocol == IpProtocol.Icmp ? isOut ? flow.InsidePort : flow.OutsidePort : flow.RemotePort,
            DestinationPort = isOut ? flow.RemotePort : flow.OutsidePort,
            IcmpType = isOut ? IcmpType.Echo : IcmpType.EchoReply,
            Flags = (byte)(random.Next(6) switch { 0 => TcpFlags.Fin | TcpFlags.Ack, 1 => TcpFlags.Rst, _ => TcpFlags.Ack }),
            Sequence = isOut ? 1001U : 5001, Acknowledgement = isOut ? 5001U : 1001,
        };
        var bytes = packet.Build();
        var (first, second) = isOut
            ? (before.Outbound(bytes, policy: flow.Policy, port: 1), after.Outbound(bytes, policy: flow.Policy, port: 1))
            : (before.Inbound(bytes), after.Inbound(bytes));
        Assert.Equal((first.Verdict, first.Drop), (second.Verdict, second.Drop));
        Assert.Equal(first.Frame, second.Frame);
    }

    private static (int Read, int LeftOut) Pass(NatRig from, NatRig to) => Read(to, Write(from));

    private static byte[] Write(NatRig rig)
    {
        var image = new ImageWriter();
        rig.Napt.Write(image, static policy => $"net{policy}", static (_, slot) => $"port{slot}");
        return image.Bytes.ToArray();
    }

    private static (int Read, int LeftOut) Read(NatRig rig, byte[] image) => rig.Napt.Read(
        new(image), static name => name is ['n', 'e', 't', '0' or '1'] ? name[3] - '0' : -1,
        static (_, name) => ushort.TryParse(name.AsSpan(int.Min(4, name.Length)), out var slot) ? slot : (ushort)0, rig.Now);

    private static string[] Words(NatRig rig) => [.. rig.Flows.Select(flow => $"{flow}").Order(StringComparer.Ordinal)];

    private static NaptOwner[] Owners(NatRig rig)
    {
        var owners = new List<NaptOwner>();
        rig.Napt.CopyOwnersTo(owners);
        return [.. owners.OrderBy(owner => owner.Policy).ThenBy(owner => owner.Port).ThenBy(owner => owner.Address.Value)];
    }
}
