using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>The outside ports that are forwarded to somebody whose address isn't known yet. Immutable; the control plane replaces it
/// whole.</summary>
public sealed class WaitingForwards
{
    private const byte Waits = 1;
    private const byte WaitsInVain = 2;

    private readonly byte[] _tcp = [];
    private readonly byte[] _udp = [];

    private WaitingForwards(List<(TransportPorts Ports, bool InVain)> forwards)
    {
        foreach (var (ports, inVain) in forwards)
        {
            ref var of = ref ports.Protocol == IpProtocol.Tcp ? ref _tcp : ref _udp;
            if (of.Length == 0)
                of = new byte[65_536];
            of.AsSpan(ports.First, ports.Count).Fill(inVain ? WaitsInVain : Waits);
        }
    }

    public static WaitingForwards None { get; } = new([]);

    /// <summary><see cref="None"/>, by which a packet is spared the look, wherever that is what there is.</summary>
    /// <param name="forwards">The ports of each, and whether everybody who could have the address was asked and didn't answer.</param>
    public static WaitingForwards Of(IEnumerable<(TransportPorts Ports, bool InVain)> forwards) =>
        forwards.ToList() is { Count: > 0 } some ? new(some) : None;

    /// <param name="inVain">Whoever sends there may be told that nobody is reached.</param>
    public bool Contains(byte protocol, ushort port, out bool inVain)
    {
        var of = protocol switch
        {
            IpProtocol.Tcp => _tcp,
            IpProtocol.Udp => _udp,
            _ => [],
        };
        var state = port < of.Length ? of[port] : default;
        inVain = state == WaitsInVain;
        return state != 0;
    }
}
