using SoftSwitch.Linux.Netlink;
using static SoftSwitch.Linux.Interop.Filter;
using static SoftSwitch.Linux.Interop.PktCls;

namespace SoftSwitch.Linux.Filters;

/// <summary>
/// Keeps the host's own stack off an interface that belongs to a guest: it hears nothing there and says nothing.
/// </summary>
/// <remarks>
/// No IPv6 address is made, and two classic BPF filters on a clsact qdisc drop every frame towards the stack and every frame out that
/// doesn't carry our mark (tc-bpf(8), direct action). Packet sockets receive before the ingress filter, and send with
/// <see cref="SocketMark.Port"/> as SO_MARK, without PACKET_QDISC_BYPASS. The filters are part of the interface: they hold when we are
/// killed and go when it goes. Put the seal on before the interface comes up. Works in a user namespace; needs no bpf() call.
/// </remarks>
public static class Seal
{
    private const uint Priority = 1;

    private static readonly sock_filter[] s_dropAll = [new(BPF_RET | BPF_K, 0, 0, TC_ACT_SHOT)];

    /// <summary>Ours goes on to whatever other filters there are (TC_ACT_UNSPEC); the rest is dropped.</summary>
    private static readonly sock_filter[] s_passOurs =
        TrafficFilter.ByMark(SocketMark.Port, unchecked((uint)TC_ACT_UNSPEC), TC_ACT_SHOT);

    /// <summary>Seals the interface, or renews its seal; traffic of ours is not interrupted.</summary>
    /// <exception cref="SystemCallException">The kernel refused; the interface must not be brought up.</exception>
    public static void Apply(Links links, int index)
    {
        links.DisableAddressGeneration(index);
        TrafficFilter.AddQdisc(links, index);
        TrafficFilter.Set(links, index, TrafficFilter.Ingress, Priority, s_dropAll);
        TrafficFilter.Set(links, index, TrafficFilter.Egress, Priority, s_passOurs);
    }

    /// <summary>Both filters are there as we made them, before all others, and the kernel gives itself no address.</summary>
    public static bool IsIntact(Links links, int index) =>
        links.FindByIndex(index) is { GeneratesNoAddress: true }
        && TrafficFilter.IsFirst(links, index, TrafficFilter.Ingress, Priority, s_dropAll, isVerdict: true)
        && TrafficFilter.IsFirst(links, index, TrafficFilter.Egress, Priority, s_passOurs, isVerdict: true);
}
