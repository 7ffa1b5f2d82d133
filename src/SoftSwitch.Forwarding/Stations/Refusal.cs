using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Stations;

/// <summary>
/// Why a packet goes no further, and what its sender is told: all errors that stations and routers of ours say (RFC 792; RFC 1812, 4.3 and
/// 5.2.7). The default is none.
/// </summary>
/// <param name="Reason">As it is counted.</param>
/// <param name="Type">The ICMP error's; 0: nobody is told.</param>
/// <param name="Code">The ICMP error's.</param>
/// <param name="Mtu">What would fit, where that is the error.</param>
internal readonly record struct Refusal(DropReason Reason, byte Type = 0, byte Code = 0, ushort Mtu = 0)
{
    public bool IsNone => Reason == DropReason.None;

    public bool IsTold => Type != 0;

    /// <summary>A route or rule of the host's says that nobody may go there; else it may pass.</summary>
    public bool IsForbidden => this == Unreachable(DropReason.NoRoute, IcmpUnreachable.Host)
        || this == Unreachable(DropReason.NoRoute, IcmpUnreachable.Prohibited);

    /// <summary>To the station itself, which has nothing there.</summary>
    public static Refusal NoPort => Unreachable(DropReason.NotRouted, IcmpUnreachable.Port);

    /// <summary>To the station itself, which doesn't speak it.</summary>
    public static Refusal NoProtocol => Unreachable(DropReason.NotRouted, IcmpUnreachable.Protocol);

    public static Refusal TtlExceeded => new(DropReason.TtlExceeded, IcmpType.TimeExceeded);

    /// <summary>To another network of this switch.</summary>
    public static Refusal Isolated => Unreachable(DropReason.NetworkIsolated, IcmpUnreachable.Prohibited);

    public static Refusal NoRoute => Unreachable(DropReason.NoRoute, IcmpUnreachable.Network);

    /// <summary>The address that the flow had outside is gone for good. Codes 0 and 1 are taken for something that passes (RFC 1122,
    /// 3.2.2.1).</summary>
    public static Refusal FlowEnded => Unreachable(DropReason.NoRoute, IcmpUnreachable.Prohibited);

    /// <summary>The next neighbor on the way doesn't answer.</summary>
    public static Refusal NeighborLost => Unreachable(DropReason.NeighborUnreachable, IcmpUnreachable.Host);

    /// <summary>Longer than the way, and not to be fragmented (RFC 1191, 4).</summary>
    public static Refusal TooLong(int mtu) =>
        new(DropReason.FragmentationNeeded, IcmpType.DestinationUnreachable, IcmpUnreachable.FragmentationNeeded, (ushort)mtu);

    /// <summary>
    /// To a forward that leads nowhere yet: as a router says of a host that doesn't answer (RFC 1812, 5.2.7.1). While it is still being
    /// asked for, a client that tries again may get through.
    /// </summary>
    /// <param name="inVain">Everybody who could have it was asked.</param>
    public static Refusal ForwardWaits(bool inVain) =>
        inVain ? Unreachable(DropReason.ForwardWaits, IcmpUnreachable.Host) : new(DropReason.ForwardWaits);

    public static Refusal Unreachable(DropReason reason, byte code) => new(reason, IcmpType.DestinationUnreachable, code);
}
