using SoftSwitch.Linux.Filters;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.Filter;

namespace SoftSwitch.Linux.Endpoints.Nic;

/// <summary>
/// What the switch hears on a NIC that it shares with the host: everything but frames for the host alone, and but frames that the switch
/// itself has just handed to the host there. The latter bear a mark, which nothing from the wire has. So a frame of a guest that has moved
/// away is heard, however much it resembles one that the guest sent while it was here.
/// </summary>
internal static class UplinkFilter
{
    internal static sock_filter[] For(MacAddress host) => FilterProgram.Rejecting(program =>
    {
        program.LoadAncillary(SKF_AD_MARK);
        program.RejectIf(SocketMark.ToHost);
        program.Load(BPF_W, 0);
        program.When((uint)(host.Value >> 16), own =>
        {
            own.Load(BPF_H, 4);
            own.RejectIf((uint)(host.Value & 0xffff));
            own.Accept();
        });
        program.Accept();
    }).ToArray();
}
