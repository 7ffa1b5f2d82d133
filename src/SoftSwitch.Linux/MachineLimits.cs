using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Drops;

namespace SoftSwitch.Linux;

/// <summary>
/// What of <see cref="Limits"/> stands between ports and the machine: all that frames, programs of the host and news of its kernel can use
/// up there, in one place. Whoever has a limit reads it here; <c>docs/limits.md</c> has this table behind that one.
/// </summary>
public static class MachineLimits
{
    /// <summary>Room for some hundred super-frames: TCP fills less than that and then waits; with less it would lose frames.</summary>
    public static readonly Limit SocketQueue = new(
        "bytes of frames that wait in the kernel until they are read, of a port with a packet socket", Holder.Port, 16 << 20,
        AtLimit.IsRefused, DropReason.KernelQueueFull);

    /// <summary>Some tenths of a second of what one processor forwards.</summary>
    public static readonly Limit KeptFrames = new(
        "bytes of frames that come by taps in a planned restart, beyond what waits in them", Holder.Process, 64 << 20, AtLimit.IsRefused,
        DropReason.KernelQueueFull);

    public static readonly Limit HostFramesOfPort = new(
        "bytes of frames for the host that wait until its rules lead to their station, each as 2,048 at least", Holder.Port, 1 << 20,
        AtLimit.IsRefused, DropReason.QueueFull);

    public static readonly Limit HostFrames = new(
        "bytes of frames for the host that wait until its rules lead to their station", Holder.Network, 16 << 20,
        AtLimit.MostGivesUpOldest, DropReason.QueueFull);

    /// <summary>Twice what a network has: those that have left are withdrawn once a second.</summary>
    public static readonly Limit HostStations = new(
        "stations that the rules of the host on its NIC lead to", Holder.Network, 2 * Limits.StationCapacity, AtLimit.LastAreForFew,
        DropReason.StationFlood);

    /// <summary>Each packet to the host or from it is held against all of them. Where there are more, the most general are known.</summary>
    public static readonly Limit LocalRoutes = new(
        "routes by which addresses that no interface has are the host's (ip route add local)", Holder.Process, 256, AtLimit.IsRefused);

    /// <summary>Room for some thousand changes, so that reading once a second is enough.</summary>
    public static readonly Limit RouteNews =
        new("bytes of news about routes and addresses that wait", Holder.Process, 4 << 20, AtLimit.IsAskedAnew);

    /// <summary>Where there are more (a host that speaks BGP), the most general are kept, the default route among them.</summary>
    public static readonly Limit Routes = new(
        "routes and addresses of an interface that are known, of each prefix length", Holder.Process, 1_024, AtLimit.IsRefused);

    public static readonly Limit SocketOwners =
        new("programs of the host that are known by their sockets", Holder.Process, 4_096, AtLimit.IsAskedAnew);

    /// <summary>As many as the kernel lets (net.core.somaxconn): or a few clients that only connect would keep all others out.</summary>
    public static readonly Limit WaitingClients =
        new("connections that wait to be let in at the control socket", Holder.Process, 4_096, AtLimit.Waits);
}
