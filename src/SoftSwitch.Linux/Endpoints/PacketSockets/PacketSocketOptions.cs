using SoftSwitch.Linux.Filters;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.Filter;

namespace SoftSwitch.Linux.Endpoints.PacketSockets;

/// <summary>What a packet socket hears, and what tells the kernel's filters that a frame comes from it.</summary>
internal readonly struct PacketSocketOptions()
{
    /// <summary>Also frames for other addresses than the interface's: ends with the socket.</summary>
    internal bool Promiscuous { get; init; }

    /// <summary>Also frames for this one; an interface that can't tell addresses apart becomes promiscuous for it. Ends with the
    /// socket.</summary>
    internal MacAddress? OwnMac { get; init; }

    /// <summary>Hears nothing at all.</summary>
    internal bool SendsOnly { get; init; }

    /// <summary>Packets of IPv4 alone, which is also what is sent: for an interface without headers of its own.</summary>
    internal bool HearsIpv4Only { get; init; }

    /// <summary>Also what this host sends.</summary>
    internal bool HearsOutgoing { get; init; }

    /// <summary>Super-frames in tunnels are sent by it, each with its note, where the kernel can be made to cut them.</summary>
    internal bool SendsTunnels { get; init; }

    /// <summary>The interface's namespace; null: the calling thread's.</summary>
    internal NetworkNamespace? Inside { get; init; }

    /// <summary>One that is open on the interface already, as these options say; only its filter may be another. Null: none.</summary>
    internal InheritedSocket? Inherited { get; init; }

    /// <summary>SO_MARK of what is sent.</summary>
    internal uint Mark { get; init; } = SocketMark.Port;

    /// <summary>The filter for what is heard; empty: everything passes.</summary>
    internal ReadOnlyMemory<sock_filter> Filter { get; init; }
}
