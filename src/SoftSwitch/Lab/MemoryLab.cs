using System.Net;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Lab;

/// <summary>
/// A lab where no namespaces are allowed: the same bridges, gateways, translators and dataplane, between stations in this process. One
/// thread does everything, so nothing is waited for: when no frame is under way any more, a station that hasn't answered never will.
/// </summary>
internal sealed class MemoryLab : IDisposable
{
    private readonly MemoryWorker _worker = new();
    private readonly List<MemoryStation> _stations = [];
    private readonly LabPlan _plan;
    private readonly MemoryNat _nat;

    public MemoryLab(LabPlan plan)
    {
        _plan = plan;
        var bridges = plan.Model.Networks.Select(network => new Bridge(network.Name, network.Ageing))
            .Concat(plan.Wires.Where(wire => plan.Stations[wire.Station].Role == LabRole.Internet)
                .Select(wire => new Bridge(wire.Domain, TimeSpan.FromMinutes(5))))
            .ToDictionary(bridge => bridge.Name);
        foreach (var station in plan.Stations)
        {
            var wire = plan.Wires.FirstOrDefault(wire => wire.Station == station.Number);
            var port = new MemoryPort(station.Name, mtu: station.Port?.Mtu ?? wire!.Mtu);
            var bridge = bridges[station.Port?.Network ?? wire!.Domain];
            var member = bridge.Attach(port);
            bridge.SetUp(member, true);
            var outsides = plan.Outsides.Where(outside => outside.Station == station.Number).ToList();
            InterfaceAddress[] addresses =
            [
                new(station.Ipv4, LabPlan.Ipv4PrefixLength),
                .. station.Inside is { } inside ? new[] { inside } : [],
                .. outsides.Select(outside => new InterfaceAddress(outside.Router, outside.SeenAs.PrefixLength)),
                .. outsides.Select(outside => new InterfaceAddress(outside.Far, 32)),
            ];
            // Whoever is outside and asks for an address of the inside gets its question as far as the switch.
            var gateway = outsides.Count > 0 ? outsides[0].SeenAs.Address : station.Gateway;
            _stations.Add(new(station, new(addresses, gateway), port, member));
        }
        _nat = new(plan, bridges, Now);
    }

    private static Instant Now => new(Environment.TickCount64);

    /// <summary>How nat networks are seen outside, and where their forwards lead.</summary>
    public (IReadOnlyList<string> Lines, IReadOnlyList<string> Differences) CheckOutsides()
    {
        var (lines, differences) = (new List<string>(), new List<string>());
        foreach (var outside in _plan.Outsides)
        {
            var internet = _stations[outside.Station];
            if (_plan.FirstGuestOf(outside) is { } guest)
            {
                internet.Forget();
                Ask(_stations[guest.Number], outside.Far.ToIPAddress());
                LabReport.SeenAs(outside, internet.Station, guest, internet.HeardFrom, lines, differences);
            }
            foreach (var forward in outside.Network.Nat!.Forwards)
            {
                if (_plan.TargetOf(outside.Network, forward) is not { } target)
                {
                    lines.Add(LabReport.NobodyThere(outside, forward));
                    continue;
                }
                if (!outside.Answers(forward))
                {
                    lines.Add(LabReport.ElsewhereThere(outside, forward));
                    continue;
                }
                var heard = _stations[target.Number];
                heard.Forget();
                internet.AskForNeighbor(outside.SeenAs.Address.ToIPAddress());
                Settle();
                if (internet.Neighbor is { } mac)
                    internet.Knock(outside.SeenAs.Address, mac, forward.From.Protocol == IpProtocol.Tcp, (ushort)forward.From.First);
                Settle();
                var arrived = heard.Knocked == (outside.Router, (ushort)forward.TargetPort);
                LabReport.Followed(outside, internet.Station, target, forward, arrived, lines, differences);
            }
        }
        return (lines, differences);
    }

    /// <summary>Everyone pings everyone.</summary>
    public Reach Check(bool isIpv6)
    {
        var reach = new Reach(_plan, isIpv6);
        foreach (var asker in _stations)
        {
            foreach (var question in _plan.Questions(asker.Station, isIpv6))
            {
                Ask(asker, question.Address);
                // Whoever must not be reached must not tell its hardware address either; a gateway tells its own.
                var answered = asker.Answered || (!question.MustAnswer && asker.Neighbor is not null && !asker.IsRouted(question.Address));
                reach.Record(asker.Station, question, answered);
            }
        }
        return reach;
    }

    public void Dispose()
    {
        foreach (var station in _stations)
            station.Port.Dispose();
        _nat.Dispose();
        _worker.Dispose();
    }

    private void Ask(MemoryStation asker, IPAddress address)
    {
        asker.Forget();
        asker.AskForNeighbor(address);
        Settle();
        if (asker.Neighbor is not { } mac)
            return;
        asker.Ping(address, mac);
        Settle();
    }

    /// <summary>Turns until no frame is under way.</summary>
    private void Settle()
    {
        for (var moved = true; moved;)
        {
            moved = false;
            foreach (var station in _stations)
                moved |= _worker.Carry(station.Port, station.Member, Now);
            foreach (var station in _stations)
                station.Hear();
        }
    }
}
