using SoftSwitch.Forwarding.Nat;

namespace SoftSwitch.Tests.Nat;

/// <summary>Finished flows that are given up for a new one's outside port: only those whose port helps it.</summary>
public sealed class GivenUpPortTests
{
    private const int Ports = 64, Reserved = Ports / 8, Questions = 12;

    [Fact]
    public void Answered_questions_are_not_given_up_where_TCP_ports_are_short()
    {
        using var rig = new NatRig(new NaptPolicy { FirstPort = 20_000, LastPort = 20_000 + Ports - 1, MappingsPerOwner = 1000 });
        for (var i = 0; i < Questions; i++)
        {
            var port = rig.Out($"udp 10.0.0.5:{2000 + i} > 192.0.2.9:53").SourcePort;
            rig.In($"udp 192.0.2.9:53 > 203.0.113.1:{port}");
        }
        // Nobody waits for a second answer any more.
        rig.Wait(3);
        for (var i = 0; i < Ports; i++)
            rig.Connect($"tcp 10.0.0.5:{3000 + i} > 192.0.2.{10 + i}:80");
        Assert.Equal(0, rig.Napt.Counters.GivenUp);
        Assert.Equal(Questions, rig.Flows.Count(flow => flow.RemotePort == 53));
        // They would not have helped: the last eighth of TCP's ports is there for who wants little, a port for each.
        for (var i = 0; i < Reserved - 1; i++)
            rig.Connect($"tcp 10.0.1.{i}:4000 > 192.0.2.100:80");
        Assert.DoesNotContain(rig.Flows, flow => flow.Overlapped && flow.InsidePort == 4000);
    }

    [Fact]
    public void Closed_connections_are_given_up_for_their_ports()
    {
        using var rig = new NatRig(new NaptPolicy { FirstPort = 20_000, LastPort = 20_000 + Ports - 1, MappingsPerOwner = 1000 });
        for (var i = 0; i < 3 * Ports; i++)
        {
            var ends = $"tcp 10.0.0.5:{3000 + i} > 192.0.2.{10 + i % 60}:80";
            var port = rig.Connect(ends).SourcePort;
            rig.Out($"{ends} FA seq=1001 ack=5001");
            rig.In($"tcp 192.0.2.{10 + i % 60}:80 > 203.0.113.1:{port} FA seq=5001 ack=1002");
            rig.Out($"{ends} A seq=1002 ack=5002");
        }
        Assert.True(rig.Napt.Counters.GivenUp > Ports);
        Assert.DoesNotContain(rig.Flows, flow => flow.Overlapped);
    }
}
