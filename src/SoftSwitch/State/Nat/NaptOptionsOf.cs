using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>From the models of the networks that share an outside to the translators of its ways out.</summary>
internal sealed class NaptOptionsOf(IReadOnlyList<NatNetwork> networks)
{
    /// <summary>Seconds in which every flow is looked at once: what has timed out keeps its memory and its port no longer than
    /// that.</summary>
    private const int SecondsOfSweep = 4;

    /// <summary>Ports of all three protocols: no quota.</summary>
    private const int AllPorts = 3 * 65_536;

    /// <summary>Makes a translator.</summary>
    /// <param name="address">What the other side sees.</param>
    /// <param name="isHost">The other side is the host, where all ports are ours.</param>
    /// <param name="log">Where flows that are to be logged are written; no other translator writes there. Null: nowhere.</param>
    /// <param name="onlyAnswers">Nothing begins there inside.</param>
    public Napt Translator(Ipv4Address address, bool isHost, NaptFlowLog? log = null, bool onlyAnswers = false)
    {
        var translator = new Napt(new()
        {
            OutsideAddress = address,
            Capacity = (int)long.Min(networks.Sum(network => (long)network.Nat.Flows), Napt.MaximumCapacity),
            Log = log,
            OnlyAnswers = onlyAnswers,
        });
        foreach (var network in networks)
            translator.SetPolicy(network.Policy, Policy(network.Nat, isHost), now: default);
        return translator;
    }

    /// <summary>Flows to look at in a second.</summary>
    public static int SweptPerSecond(Napt translator) => translator.SlotCount / SecondsOfSweep + 1;

    internal static NaptPolicy Policy(NatModel nat, bool isHost)
    {
        var pool = isHost ? PortPool.OfOwnAddress : nat.Outside.Ports;
        // Most inside ports get none below.
        var first = pool.Last < 1024 ? pool.First : int.Max(pool.First, 1024);
        return new()
        {
            FirstPort = (ushort)pool.First,
            LastPort = (ushort)pool.Last,
            Filtering = nat.Filtering switch
            {
                Filtering.Endpoint => NaptFiltering.EndpointIndependent,
                Filtering.Address => NaptFiltering.AddressDependent,
                Filtering.AddressAndPort => NaptFiltering.AddressAndPortDependent,
                _ => throw new InvalidOperationException($"{nat.Filtering} is no filtering that a translator has"),
            },
            UdpTimeout = nat.Timeouts.Udp,
            TcpEstablishedTimeout = nat.Timeouts.Tcp,
            TcpTransitoryTimeout = nat.Timeouts.TcpTransitory,
            IcmpQueryTimeout = nat.Timeouts.Icmp,
            // Whatever the file says: nobody alone takes all ports or all flows. Toward the host there are ports enough.
            MappingsPerOwner = isHost ? AllPorts : int.Min(nat.PortsPerGuest, int.Max((pool.Last - first + 1) / 2, 1)),
            FlowsPerOwner = int.Min(nat.FlowsPerGuest, int.Max(nat.Flows / 2, 2)),
            Flows = nat.Flows,
            LogsFlows = nat.FlowLog is not null,
        };
    }
}
