using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Lab;

/// <summary>
/// A lab where no namespaces are allowed: the same bridges and the same dataplane, between stations in this process. One thread does everything, so
/// it needs no patience: when no frame is left under way, who hasn't answered never will.
/// </summary>
internal sealed class MemoryLab : IDisposable
{
    private readonly Dataplane _dataplane = new(0);
    private readonly Egress _egress = new(0);
    private readonly Burst _burst = new();
    private readonly List<MemoryStation> _stations = [];
    private readonly LabPlan _plan;

    public MemoryLab(LabPlan plan)
    {
        _plan = plan;
        var bridges = plan.Model.Networks.ToDictionary(network => network.Name, network => new Bridge(network.Name, network.Ageing));
        foreach (var station in plan.Stations)
        {
            var port = new MemoryPort(station.Name, mtu: station.Port!.Mtu);
            bridges[station.Port.Network].Attach(port);
            bridges[station.Port.Network].SetUp(port, true);
            _stations.Add(new(station, AddressesOf(station), GatewayOf(station), port));
        }
    }

    private static IReadOnlyList<InterfaceAddress> AddressesOf(LabStation station) =>
        [new(station.Ipv4, LabPlan.Ipv4PrefixLength), .. station.Inside is { } inside ? new[] { inside } : []];

    private static Ipv4Address? GatewayOf(LabStation station) => station.Gateway;

    /// <summary>Everyone pings everyone.</summary>
    public Reach Check(bool isIpv6)
    {
        var reach = new Reach(_plan, isIpv6);
        foreach (var asker in _stations)
        {
            foreach (var question in _plan.Questions(asker.Station, isIpv6))
            {
                asker.AskForNeighbour(question.Address);
                Settle();
                var answered = false;
                if (asker.Neighbour is { } mac)
                {
                    asker.Ping(question.Address, mac);
                    Settle();
                    // Whoever must not be reached must not tell its hardware address either; a gateway tells its own.
                    answered = asker.Answered || (!question.MustAnswer && !asker.IsRouted(question.Address));
                }
                reach.Record(asker.Station, question, answered);
            }
        }
        return reach;
    }

    public void Dispose()
    {
        foreach (var station in _stations)
            station.Port.Dispose();
        _dataplane.Dispose();
        _egress.Dispose();
        _burst.Dispose();
    }

    /// <summary>Turns until no frame is under way.</summary>
    private void Settle()
    {
        for (var moved = true; moved;)
        {
            moved = false;
            foreach (var station in _stations)
            {
                station.Port.Receive(_burst);
                if (_burst.Count == 0)
                    continue;
                moved = true;
                foreach (var delivery in _dataplane.Process(_burst, station.Port, new(Environment.TickCount64)))
                    _egress.Transmit(delivery.Source, delivery.Output, delivery.Frames);
                _burst.Clear();
            }
            foreach (var station in _stations)
                station.Hear();
        }
    }
}
