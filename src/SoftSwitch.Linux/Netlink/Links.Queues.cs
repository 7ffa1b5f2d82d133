using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;
using static SoftSwitch.Linux.Interop.GenStats;
using static SoftSwitch.Linux.Interop.PktSched;
using static SoftSwitch.Linux.Interop.Rtnetlink;

namespace SoftSwitch.Linux.Netlink;

public sealed partial class Links
{
    /// <summary>Frames that an interface's queueing discipline has dropped: those that it refused at once, and those that it had taken. 0
    /// where the interface has none. The number starts again with another discipline, and behind 2^32.</summary>
    public uint QueueDropped(int index)
    {
        uint drops = 0;
        var request = new MessageBuilder(stackalloc byte[RequestSize], RTM_GETQDISC, 0);
        request.Append(new tcmsg { tcm_ifindex = index, tcm_parent = TC_H_ROOT });
        lock (_lock)
        {
            try
            {
                _socket.Request(request.Message, "RTM_GETQDISC", Named(index), (type, payload) =>
                {
                    if (type == RTM_NEWQDISC && payload.Length >= Unsafe.SizeOf<tcmsg>())
                        drops = DropsIn(new(payload[Unsafe.SizeOf<tcmsg>()..]));
                });
            }
            catch (SystemCallException e) when (e.ErrorNumber is Errno.ENODEV or Errno.ENOENT or Errno.EINVAL)
            {
                // The interface is gone, or has nothing of the kind.
            }
        }
        return drops;
    }

    private static uint DropsIn(AttributeReader attributes)
    {
        while (attributes.Next())
        {
            if (attributes.Type != TCA_STATS2)
                continue;
            var statistics = attributes.Nested;
            while (statistics.Next())
            {
                if (statistics.Type == TCA_STATS_QUEUE && statistics.Value.Length >= Unsafe.SizeOf<gnet_stats_queue>())
                    return MemoryMarshal.Read<gnet_stats_queue>(statistics.Value).drops;
            }
        }
        return 0;
    }
}
