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

    private WaitingForwards(List<(byte Protocol, ushort First, ushort Last, bool InVain)> ports)
    {
        foreach (var (protocol, first, last, inVain) in ports)
        {
            ref var of = ref protocol == IpProtocol.Tcp ? ref _tcp : ref _udp;
            if (of.Length == 0)
                of = new byte[65_536];
            of.AsSpan(first, last - first + 1).Fill(inVain ? WaitsInVain : Waits);
        }
    }

    public static WaitingForwards None { get; } = new([]);

    /// <summary><see cref="None"/>, by which a packet is spared the look, wherever that is what there is.</summary>
    /// <param name="ports">Protocol (TCP or UDP), first and last port; and whether everybody who could have it was asked and didn't
    /// answer.</param>
    public static WaitingForwards Of(IEnumerable<(byte Protocol, ushort First, ushort Last, bool InVain)> ports) =>
        ports.ToList() is { Count: > 0 } some ? new(some) : None;

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
