using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Netlink;
using static SoftSwitch.Linux.Interop.Filter;
using static SoftSwitch.Linux.Interop.Netlink;
using static SoftSwitch.Linux.Interop.PktCls;
using static SoftSwitch.Linux.Interop.PktSched;
using static SoftSwitch.Linux.Interop.Rtnetlink;
using static SoftSwitch.Linux.Interop.TcMirred;

namespace SoftSwitch.Linux.Filters;

/// <summary>
/// Classic BPF filters on an interface's clsact qdisc (tc-bpf(8)), set by rtnetlink: no bpf() call, no module of ours. They are part of the
/// interface, and go when it goes.
/// </summary>
internal static class TrafficFilter
{
    internal const uint Ingress = (TC_H_CLSACT & TC_H_MAJ_MASK) | TC_H_MIN_INGRESS;
    internal const uint Egress = (TC_H_CLSACT & TC_H_MAJ_MASK) | TC_H_MIN_EGRESS;

    /// <summary>The handle of each of our filters, in its place.</summary>
    internal const uint Handle = 1;

    /// <summary>tcm_info of a filter for every protocol; the lowest priority is asked first.</summary>
    internal static uint Place(uint priority) => (priority << 16) | BinaryPrimitives.ReverseEndianness(If.ETH_P_ALL);

    /// <summary>A program that says one thing of frames with a mark, and another of all others.</summary>
    internal static sock_filter[] ByMark(uint mark, uint marked, uint others) =>
    [
        new(BPF_LD | BPF_W | BPF_ABS, 0, 0, unchecked((uint)(SKF_AD_OFF + SKF_AD_MARK))),
        new(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, mark),
        new(BPF_RET | BPF_K, 0, 0, marked),
        new(BPF_RET | BPF_K, 0, 0, others),
    ];

    /// <summary>Makes the interface ready for filters; again is no error.</summary>
    internal static void AddQdisc(Links links, int index)
    {
        var request = new MessageBuilder(stackalloc byte[128], RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL);
        request.Append(new tcmsg { tcm_ifindex = index, tcm_handle = TC_H_CLSACT & TC_H_MAJ_MASK, tcm_parent = TC_H_CLSACT });
        request.Put(TCA_KIND, "clsact");
        try
        {
            links.Change(request.Message, "RTM_NEWQDISC clsact", $"filters of interface {index}");
        }
        catch (SystemCallException e) when (e.ErrorNumber == Errno.EEXIST)
        {
            // From before. Were it another qdisc in this place, the egress filter would be refused.
        }
    }

    /// <summary>Sets a filter whose result is the verdict (TC_ACT_*).</summary>
    internal static void Set(Links links, int index, uint side, uint priority, sock_filter[] program)
    {
        var request = Begin(stackalloc byte[512], index, side, priority, out var options);
        request.Put(TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
        End(links, request, options, index, program);
    }

    /// <summary>Sets a filter that redirects: another interface receives the frames for which its result isn't 0.</summary>
    internal static void SetRedirect(Links links, int index, uint side, uint priority, sock_filter[] program, int to)
    {
        var request = Begin(stackalloc byte[512], index, side, priority, out var options);
        var actions = request.BeginNest(TCA_BPF_ACT);
        var first = request.BeginNest(1);
        request.Put(TCA_ACT_KIND, "mirred");
        var redirect = request.BeginNest(TCA_ACT_OPTIONS);
        var parameters = new tc_mirred { action = TC_ACT_STOLEN, eaction = TCA_INGRESS_REDIR, ifindex = (uint)to };
        request.Put(TCA_MIRRED_PARMS, MemoryMarshal.AsBytes(new ReadOnlySpan<tc_mirred>(in parameters)));
        request.EndNest(redirect);
        request.EndNest(first);
        request.EndNest(actions);
        End(links, request, options, index, program);
    }

    private static MessageBuilder Begin(Span<byte> buffer, int index, uint side, uint priority, out int options)
    {
        // Without NLM_F_EXCL the kernel exchanges a filter of this handle at once, without a gap.
        var request = new MessageBuilder(buffer, RTM_NEWTFILTER, NLM_F_CREATE);
        request.Append(new tcmsg { tcm_ifindex = index, tcm_handle = Handle, tcm_parent = side, tcm_info = Place(priority) });
        request.Put(TCA_KIND, "bpf");
        options = request.BeginNest(TCA_OPTIONS);
        return request;
    }

    private static void End(Links links, MessageBuilder request, int options, int index, sock_filter[] program)
    {
        request.Put(TCA_BPF_OPS_LEN, (ushort)program.Length);
        request.Put(TCA_BPF_OPS, MemoryMarshal.AsBytes(program.AsSpan()));
        request.EndNest(options);
        links.Change(request.Message, "RTM_NEWTFILTER bpf", $"filters of interface {index}");
    }

    /// <summary>A filter is there as we made it, before all others of its side.</summary>
    /// <param name="isVerdict">Its result is the verdict; else it redirects.</param>
    internal static bool IsFirst(Links links, int index, uint side, uint priority, sock_filter[] program, bool isVerdict)
    {
        bool? first = null;
        var request = new MessageBuilder(stackalloc byte[128], RTM_GETTFILTER, 0);
        request.Append(new tcmsg { tcm_ifindex = index, tcm_parent = side });
        try
        {
            links.Dump(request.Message, "RTM_GETTFILTER", $"filters of interface {index}", () => first = null, (type, payload) =>
            {
                // A line of filters is announced by an entry without a handle; what counts is the first that decides.
                if (type == RTM_NEWTFILTER && first is null && payload.Length >= Unsafe.SizeOf<tcmsg>()
                    && MemoryMarshal.Read<tcmsg>(payload) is { tcm_handle: not 0 } header)
                    first = header.tcm_handle == Handle && header.tcm_info == Place(priority) && header.tcm_parent == side
                        && Matches(new(payload[Unsafe.SizeOf<tcmsg>()..]), program, isVerdict);
            });
        }
        catch (SystemCallException e) when (e.ErrorNumber is Errno.EINVAL or Errno.ENOENT)
        {
            return false;
        }
        return first == true;
    }

    private static bool Matches(AttributeReader attributes, sock_filter[] program, bool isVerdict)
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
        return isBpf && isDirect == isVerdict && isOurs && chain == 0;
    }
}
