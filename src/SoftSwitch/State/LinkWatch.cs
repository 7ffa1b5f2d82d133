using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Netlink;

namespace SoftSwitch.State;

/// <summary>
/// The link events of every namespace that has a port's interface in it: one socket a namespace, however many ports. Used by the control loop alone.
/// </summary>
internal sealed class LinkWatch(Action<int> watch, Action<int> unwatch) : IDisposable
{
    private readonly Dictionary<NetworkNamespaceIdentity, (LinkMonitor Monitor, int Users)> _monitors = [];
    private readonly Dictionary<int, LinkMonitor> _bySocket = [];
    private readonly List<LinkEvent> _events = [];

    /// <summary>Begins to hear of a namespace, for one port more.</summary>
    public void Add(NetworkNamespace space)
    {
        if (_monitors.TryGetValue(space.Identity, out var entry))
        {
            _monitors[space.Identity] = entry with { Users = entry.Users + 1 };
            return;
        }
        var monitor = new LinkMonitor(space);
        _monitors.Add(space.Identity, (monitor, 1));
        _bySocket.Add(monitor.Fd, monitor);
        watch(monitor.Fd);
    }

    /// <summary>Ends hearing of a namespace when no port is left in it.</summary>
    public void Remove(NetworkNamespace space)
    {
        if (!_monitors.TryGetValue(space.Identity, out var entry))
            return;
        if (entry.Users > 1)
        {
            _monitors[space.Identity] = entry with { Users = entry.Users - 1 };
            return;
        }
        _monitors.Remove(space.Identity);
        _bySocket.Remove(entry.Monitor.Fd);
        unwatch(entry.Monitor.Fd);
        entry.Monitor.Dispose();
    }

    /// <summary>The names of the interfaces with news on this socket; null when some news was lost, so that all must be looked at.</summary>
    public IReadOnlySet<string>? Read(int fd)
    {
        var names = new HashSet<string>();
        // It may have left in the same moment.
        if (!_bySocket.TryGetValue(fd, out var monitor))
            return names;
        _events.Clear();
        var complete = monitor.Read(_events);
        foreach (var news in _events)
            names.Add(news.Link.Name);
        return complete ? names : null;
    }

    public void Dispose()
    {
        foreach (var (monitor, _) in _monitors.Values)
            monitor.Dispose();
        _monitors.Clear();
    }
}
