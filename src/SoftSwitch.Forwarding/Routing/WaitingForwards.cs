using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>The outside ports that are forwarded to somebody whose address isn't known yet. Immutable; the control plane replaces it
/// whole.</summary>
public sealed class WaitingForwards
{
    /// <summary>What is known of a port: whoever asks there waits, or in vain; or <see cref="_on"/> has more.</summary>
    private const byte Waits = 1, WaitsInVain = 2, IsNamed = 4;

    private readonly byte[] _tcp = [];
    private readonly byte[] _udp = [];

    /// <summary>Those that are asked at one address only; several may have a port, each at an address of its own.</summary>
    private readonly (TransportPorts Ports, Ipv4Address On, bool InVain)[] _on;

    private WaitingForwards(List<(TransportPorts Ports, Ipv4Address? On, bool InVain)> forwards)
    {
        _on = [.. from forward in forwards where forward.On is not null select (forward.Ports, forward.On!.Value, forward.InVain)];
        foreach (var (ports, on, inVain) in forwards)
        {
            ref var of = ref ports.Protocol == IpProtocol.Tcp ? ref _tcp : ref _udp;
            if (of.Length == 0)
                of = new byte[65_536];
            foreach (ref var port in of.AsSpan(ports.First, ports.Count))
                port |= on is not null ? IsNamed : inVain ? WaitsInVain : Waits;
        }
    }

    public static WaitingForwards None { get; } = new([]);

    /// <summary><see cref="None"/>, by which a packet is spared the look, wherever that is what there is.</summary>
    /// <param name="forwards">The ports of each, the only address where they are asked, if there is one, and whether everybody who could
    /// have the guest's address was asked and didn't answer.</param>
    public static WaitingForwards Of(IEnumerable<(TransportPorts Ports, Ipv4Address? On, bool InVain)> forwards) =>
        forwards.ToList() is { Count: > 0 } some ? new(some) : None;

    /// <param name="address">That was asked.</param>
    /// <param name="inVain">Whoever sends there may be told that nobody is reached.</param>
    public bool Contains(Ipv4Address address, byte protocol, ushort port, out bool inVain)
    {
        var of = protocol switch
        {
            IpProtocol.Tcp => _tcp,
            IpProtocol.Udp => _udp,
            _ => [],
        };
        var state = port < of.Length ? of[port] : default;
        inVain = (state & WaitsInVain) != 0;
        return (state & (Waits | WaitsInVain)) != 0 || ((state & IsNamed) != 0 && IsAskedAt(address, protocol, port, out inVain));
    }

    private bool IsAskedAt(Ipv4Address address, byte protocol, ushort port, out bool inVain)
    {
        foreach (var forward in _on)
        {
            if (forward.On == address && forward.Ports.Protocol == protocol && forward.Ports.Contains(port))
            {
                inVain = forward.InVain;
                return true;
            }
        }
        inVain = false;
        return false;
    }
}
