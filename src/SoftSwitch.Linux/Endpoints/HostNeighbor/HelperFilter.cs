using SoftSwitch.Linux.Filters;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Netlink;
using static SoftSwitch.Linux.Interop.Filter;
using static SoftSwitch.Linux.Interop.PktCls;

namespace SoftSwitch.Linux.Endpoints.HostNeighbor;

/// <summary>
/// What happens to frames that leave by the helper interface. Those that the switch sends to the host are received by the host's NIC
/// instead. Those that the host's NIC was about to send to guests go on to the switch. There are no others: the host's own stack isn't
/// heard here.
/// </summary>
internal static class HelperFilter
{
    private const uint ToHost = 1, FromHost = 2;

    private static readonly sock_filter[] s_chooseToHost = TrafficFilter.ByMark(SocketMark.ToHost, uint.MaxValue, 0);

    private static readonly sock_filter[] s_passFromHost =
        TrafficFilter.ByMark(SocketMark.FromHost, unchecked((uint)TC_ACT_UNSPEC), TC_ACT_SHOT);

    /// <param name="links">The interfaces of the namespace.</param>
    /// <param name="helper">The helper, before it comes up.</param>
    /// <param name="nic">The NIC that the host hears by.</param>
    internal static void Apply(Links links, int helper, int nic)
    {
        try
        {
            TrafficFilter.AddQdisc(links, helper);
            TrafficFilter.Set(links, helper, TrafficFilter.Egress, FromHost, s_passFromHost);
            TrafficFilter.SetRedirect(links, helper, TrafficFilter.Egress, ToHost, s_chooseToHost, nic);
        }
        catch (SystemCallException e) when (e.ErrorNumber is Errno.ENOENT or Errno.EOPNOTSUPP)
        {
            throw new SystemCallException(e.Call, e.ErrorNumber, e.Subject, "load them with: modprobe -a sch_ingress cls_bpf act_mirred");
        }
    }

    /// <summary>No filter of another program decides before ours.</summary>
    internal static bool IsFirst(Links links, int helper) =>
        TrafficFilter.IsFirst(links, helper, TrafficFilter.Egress, ToHost, s_chooseToHost, isVerdict: false);
}
