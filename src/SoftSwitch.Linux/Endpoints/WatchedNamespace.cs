using SoftSwitch.Linux.Netlink;

namespace SoftSwitch.Linux.Endpoints;

/// <summary>A namespace of which <see cref="LinkWatch"/> tells the news.</summary>
/// <param name="monitor">The socket by which they come.</param>
internal sealed class WatchedNamespace(LinkMonitor monitor)
{
    public LinkMonitor Monitor => monitor;

    /// <summary>Used under the lock of the watch.</summary>
    public HashSet<LinkListener> Listeners { get; } = [];
}
