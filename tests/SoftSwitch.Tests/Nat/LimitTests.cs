using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Nat;

public sealed class LimitTests
{
    [Fact]
    public void When_the_ports_are_used_up_new_flows_are_prohibited_and_all_others_live()
    {
        using var rig = new NatRig(new NaptPolicy { FirstPort = 20_000, LastPort = 20_099 });
        var ports = new HashSet<ushort>();
        for (var i = 0; i < 100; i++)
            Assert.True(ports.Add(rig.Out($"udp 10.0.0.{i % 10}:{4000 + i} > 192.0.2.7:53").SourcePort));
        for (var i = 0; i < 1000; i++)
        {
            var refused = rig.Outbound($"udp 10.0.0.{i % 10}:{5000 + i} > 192.0.2.7:53");
            Assert.Equal((NaptVerdict.Prohibited, DropReason.NatPortsExhausted), (refused.Verdict, refused.Drop));
        }
        foreach (var port in ports)
            rig.In($"udp 192.0.2.7:53 > 203.0.113.1:{port}");
        // Known ports go on to new destinations, other protocols have ports of their own, and time gives ports back.
        rig.Out("udp 10.0.0.0:4000 > 192.0.2.8:53");
        rig.Out("tcp 10.0.0.0:4000 > 192.0.2.8:53 S");
        Assert.Equal(1000, rig.Napt.Counters.RefusedPorts);
        rig.Wait(301);
        rig.Sweep();
        rig.Wait(2);
        rig.Out("udp 10.0.0.0:5000 > 192.0.2.7:53");
    }

    [Fact]
    public void When_the_table_is_full_new_flows_are_prohibited_and_all_others_live()
    {
        using var rig = new NatRig(capacity: 100, new NaptPolicy());
        for (var i = 0; i < 100; i++)
            rig.Out($"udp 10.0.0.5:4000 > 192.0.2.7:{1000 + i}");
        var refused = rig.Outbound("udp 10.0.0.6:4000 > 192.0.2.7:53");
        Assert.Equal((NaptVerdict.Prohibited, DropReason.NatTableFull), (refused.Verdict, refused.Drop));
        Assert.Equal(100, rig.Flows.Count);
        Assert.Equal(1, rig.Napt.Counters.RefusedTable);
        rig.Wait(301);
        rig.Sweep();
        rig.Wait(2);
        rig.Out("udp 10.0.0.6:4000 > 192.0.2.7:53");
    }

    [Fact]
    public void One_guest_that_opens_a_hundred_thousand_flows_harms_nobody()
    {
        using var rig = new NatRig(1 << 17, new NaptPolicy());
        var others = Enumerable.Range(0, 20).Select(i => rig.Out($"udp 10.0.0.{i + 10}:4000 > 192.0.2.7:53").SourcePort).ToList();
        var refused = 0;
        for (var i = 0; i < 100_000; i++)
            refused += rig.Outbound($"udp 10.0.0.5:{1024 + i % 60_000} > 192.0.2.{7 + i / 60_000}:53").Verdict == NaptVerdict.Prohibited ? 1 : 0;
        Assert.Equal(100_000 - 2 * 4096, refused);
        Assert.Equal(refused, rig.Napt.Counters.RefusedQuota);
        foreach (var port in others)
            rig.In($"udp 192.0.2.7:53 > 203.0.113.1:{port}");
        for (var i = 0; i < 2000; i++)
            rig.Out($"udp 10.0.0.6:{4000 + i} > 192.0.2.7:53");
    }

    [Fact]
    public void One_guest_has_so_many_flows_by_one_port()
    {
        using var rig = new NatRig(new NaptPolicy { FlowsPerOwner = 1000, Filtering = NaptFiltering.EndpointIndependent });
        var port = rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53").SourcePort;
        // Strangers may begin half of them, and are told nothing.
        for (var i = 0; i < 500; i++)
            rig.In($"udp 198.51.100.1:{1000 + i} > 203.0.113.1:{port}");
        var refused = rig.Inbound($"udp 198.51.100.1:9000 > 203.0.113.1:{port}");
        Assert.Equal((NaptVerdict.Dropped, DropReason.NatQuota), (refused.Verdict, refused.Drop));
        for (var i = 0; i < 499; i++)
            rig.Out($"udp 10.0.0.5:4000 > 192.0.2.8:{1000 + i}");
        Assert.Equal(NaptVerdict.Prohibited, rig.Outbound("udp 10.0.0.5:4000 > 192.0.2.9:1000").Verdict);
        rig.Out("udp 10.0.0.6:4000 > 192.0.2.9:1000");
        rig.Wait(301);
        rig.Sweep();
        rig.In($"udp 198.51.100.1:9000 > 203.0.113.1:{rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53").SourcePort}");
    }

    [Fact]
    public void One_network_has_so_many_flows()
    {
        using var rig = new NatRig(new NaptPolicy { Flows = 10 }, new NaptPolicy());
        for (var i = 0; i < 10; i++)
            rig.Out($"udp 10.0.0.{i}:4000 > 192.0.2.7:53");
        Assert.Equal(DropReason.NatTableFull, rig.Outbound("udp 10.0.0.99:4000 > 192.0.2.7:53").Drop);
        for (var i = 0; i < 20; i++)
            rig.Out($"udp 10.1.0.{i}:4000 > 192.0.2.7:53", policy: 1);
    }

    [Fact]
    public void Whatever_mappings_end_the_others_keep_their_ports()
    {
        using var rig = new NatRig(1 << 15, new NaptPolicy { FirstPort = 1024, LastPort = 65_535 });
        var random = new Random(5);
        var ports = new Dictionary<string, ushort>();
        for (var round = 0; round < 4; round++)
        {
            for (var i = 0; i < 8000; i++)
            {
                var inside = $"10.0.{random.Next(8)}.{random.Next(8)}:{1024 + random.Next(2000)}";
                var port = rig.Out($"udp {inside} > 192.0.2.7:53").SourcePort;
                Assert.Equal(port, ports.GetValueOrDefault(inside, port));
                ports[inside] = port;
            }
            Assert.Equal(ports.Count, rig.Napt.Counters.Mappings);
            Assert.Equal(ports.Count, ports.Values.Distinct().Count());
            rig.Wait(200);
            foreach (var inside in ports.Keys.Where(_ => random.Next(3) > 0))
                Assert.Equal(ports[inside], rig.Out($"udp {inside} > 192.0.2.7:53").SourcePort);
            rig.Wait(101);
            rig.Sweep();
            ports = rig.Flows.ToDictionary(flow => $"{flow.Inside}:{flow.InsidePort}", flow => flow.OutsidePort);
            foreach (var (inside, port) in ports)
                Assert.Equal(port, rig.Out($"udp {inside} > 192.0.2.7:53").SourcePort);
        }
    }

    [Fact]
    public void A_million_flows_fit()
    {
        using var rig = new NatRig(1 << 20, new NaptPolicy { FlowsPerOwner = 1 << 20, FirstPort = 1024, LastPort = 65_535 });
        const int flows = 1_000_000;
        var frame = NatPacket.Parse("udp 10.0.0.0:4000 > 192.0.2.7:53").Build();
        var ports = new Dictionary<uint, ushort>();
        for (uint i = 0; i < flows; i++)
            Assert.Equal(NaptVerdict.Translated, rig.Outbound(With(frame, i)).Verdict);
        Assert.Equal(flows, rig.Napt.Counters.Flows);
        Assert.Equal(0, rig.Napt.Counters.RefusedTable);
        Assert.Equal((160 - 64 + 2) << 20, rig.Napt.FlowMemory);
        for (uint i = 0; i < flows; i++)
        {
            var outbound = rig.Outbound(With(frame, i));
            Assert.Equal(NaptVerdict.Translated, outbound.Verdict);
            if (i % 1000 == 0)
                Assert.Equal($"udp 192.0.2.7:{1000 + i / 250} > 10.0.0.{i % 250}:4000", rig.In($"udp 192.0.2.7:{1000 + i / 250} > 203.0.113.1:{outbound.Packet.SourcePort}").ToString());
        }
        Assert.Equal(flows, rig.Napt.Counters.Began);
        rig.Wait(301);
        rig.Sweep();
        Assert.Equal((0, 0), (rig.Napt.Counters.Flows, rig.Napt.Counters.Mappings));

        static byte[] With(byte[] frame, uint number)
        {
            // Its checksums don't matter here, but that the header's is right: 250 hosts, each to 4,000 ports.
            frame[29] = (byte)(number % 250);
            var port = 1000 + number / 250;
            (frame[36], frame[37]) = ((byte)(port >> 8), (byte)port);
            (frame[24], frame[25]) = (0, 0);
            var sum = (ushort)~Forwarding.Wire.Sum(frame.AsSpan(14, 20));
            (frame[24], frame[25]) = ((byte)(sum >> 8), (byte)sum);
            (frame[40], frame[41]) = (0, 0);
            return frame;
        }
    }

    [Fact]
    public void A_storm_of_resets_ends_no_flow()
    {
        using var rig = new NatRig();
        var port = rig.Connect("tcp 10.0.0.5:4000 > 192.0.2.7:80").SourcePort;
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            rig.Inbound($"tcp 192.0.2.7:80 > 203.0.113.1:{port} R seq={(uint)random.NextInt64(1L << 32)}");
            rig.Inbound($"tcp 198.51.100.{i % 200}:80 > 203.0.113.1:{port} R seq=5001");
        }
        // Should one have fitted, the host has not believed it and speaks on.
        rig.Out("tcp 10.0.0.5:4000 > 192.0.2.7:80 A seq=1001 ack=5001");
        rig.Wait(7000);
        rig.Sweep();
        Assert.Equal(NaptFlowState.Established, Assert.Single(rig.Flows).State);
    }
}
