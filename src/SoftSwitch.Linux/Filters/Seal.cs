using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Netlink;
using static SoftSwitch.Linux.Interop.Filter;
using static SoftSwitch.Linux.Interop.PktCls;
using static SoftSwitch.Linux.Interop.Rtnetlink;

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
        && HasFilter(links, index, TrafficFilter.Ingress, s_dropAll)
        && HasFilter(links, index, TrafficFilter.Egress, s_passOurs);

    private static bool HasFilter(Links links, int index, uint parent, sock_filter[] program)
    {
        bool? first = null;
        var request = new MessageBuilder(stackalloc byte[128], RTM_GETTFILTER, 0);
        request.Append(new tcmsg { tcm_ifindex = index, tcm_parent = parent });
        try
        {
            links.Dump(request.Message, "RTM_GETTFILTER", $"seal of interface {index}", () => first = null, (type, payload) =>
            {
                // A line of filters is announced by an entry without a handle; what counts is the first that decides.
                if (type == RTM_NEWTFILTER && first is null && payload.Length >= Unsafe.SizeOf<tcmsg>()
                    && MemoryMarshal.Read<tcmsg>(payload) is { tcm_handle: not 0 } header)
                    first = header.tcm_handle == TrafficFilter.Handle && header.tcm_info == TrafficFilter.Place(Priority)
                        && header.tcm_parent == parent
                        && Matches(new(payload[Unsafe.SizeOf<tcmsg>()..]), program);
            });
        }
        catch (SystemCallException e) when (e.ErrorNumber is Errno.EINVAL or Errno.ENOENT)
        {
            return false;
        }
        return first == true;
    }

    private static bool Matches(AttributeReader attributes, sock_filter[] program)
    {
        var (isBpf, isDirect, isOurs, chain) = (false, false, false, 0u);
        while (attributes.Next())
        {
            if (attributes.Type == TCA_KIND)
                isBpf = attributes.Text == "bpf";
            else if (attributes.Type == TCA_CHAIN)
                chain = attributes.UInt32;
            else if (attributes.Type == TCA_OPTIONS)
            {
                var options = attributes.Nested;
                while (options.Next())
                {
                    if (options.Type == TCA_BPF_FLAGS)
                        isDirect = (options.UInt32 & TCA_BPF_FLAG_ACT_DIRECT) != 0;
                    else if (options.Type == TCA_BPF_OPS)
                        isOurs = options.Value.SequenceEqual(MemoryMarshal.AsBytes(program.AsSpan()));
                }
            }
        }
        return isBpf && isDirect && isOurs && chain == 0;
    }
}
