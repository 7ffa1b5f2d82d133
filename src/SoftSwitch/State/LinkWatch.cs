using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Workers;

namespace SoftSwitch.State;

/// <summary>
/// The link events of every namespace that has a port's interface in it: one socket a namespace, however many ports. Used by the control loop alone.
/// </summary>
/// <param name="control">Where the sockets are watched.</param>
/// <param name="heard">The names of the interfaces with news; null when some news was lost, so that all must be looked at.</param>
internal sealed class LinkWatch(IDescriptorWatch control, Action<IReadOnlySet<string>?> heard) : IDisposable
{
    private readonly Dictionary<NetworkNamespaceIdentity, (LinkMonitor Monitor, int Users)> _monitors = [];
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
        control.Watch(monitor.Fd, () => Read(monitor));
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
        control.Unwatch(entry.Monitor.Fd);
        entry.Monitor.Dispose();
    }

    public void Dispose()
    {
        foreach (var (monitor, _) in _monitors.Values)
            monitor.Dispose();
        _monitors.Clear();
    }

    private void Read(LinkMonitor monitor)
    {
        _events.Clear();
        var complete = monitor.Read(_events);
        heard(complete ? _events.Select(news => news.Link.Name).ToHashSet() : null);
    }
}
