using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Workers;

namespace SoftSwitch.Linux.Endpoints;

/// <summary>
/// Tells the news of each interface that is watched, by namespace and number, with the interface as it is now, so that nobody has to ask.
/// Its addresses are news of it, too. There is one socket a namespace, however many interfaces are watched there. Only where news was lost,
/// each interface is asked for once, and one whose addresses have changed.
/// <para>Coming and leaving is for any thread; news are told on the control loop.</para>
/// </summary>
/// <param name="control">Watches the sockets.</param>
/// <param name="heard">Called after each batch of news, with the names of the interfaces that are there and had some; null: any may have
/// had some.</param>
/// <param name="failed">Told what one listener threw: the others hear the news all the same.</param>
public sealed class LinkWatch(IDescriptorWatch control, Action<IReadOnlySet<string>?> heard, Action<Exception> failed)
{
    private readonly Lock _watching = new();
    private readonly Dictionary<NetworkNamespaceIdentity, WatchedNamespace> _spaces = [];

    /// <summary>Begins to tell the news of an interface. Ask for its present state afterwards, or something is missed.</summary>
    /// <param name="space">Its namespace.</param>
    /// <param name="links">The interfaces of that; open as long as this is watched.</param>
    /// <param name="index">The interface.</param>
    /// <param name="news">Called with the interface as it is now; null: it isn't there any more.</param>
    /// <param name="touched">Called when its filters or addresses have changed, with whether some were removed; null: nobody wants to
    /// know.</param>
    /// <returns>To be disposed of at the end.</returns>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public IDisposable Watch(
        NetworkNamespace space, Links links, int index, Action<LinkInfo?> news, Action<bool>? touched = null) =>
        Add(space, links, index, news, touched);

    /// <summary>Hears a namespace though no interface is watched there: one that comes is news to whoever waits for its name.</summary>
    /// <param name="space">The namespace.</param>
    /// <returns>To be disposed of at the end.</returns>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public IDisposable Keep(NetworkNamespace space) => Add(space, null, 0, static _ => { }, null);

    private LinkListener Add(NetworkNamespace space, Links? links, int index, Action<LinkInfo?> news, Action<bool>? touched)
    {
        lock (_watching)
        {
            if (!_spaces.TryGetValue(space.Identity, out var there))
                _spaces.Add(space.Identity, there = Begin(new(space)));
            var listener = new LinkListener(links, index, news, touched, listener => Leave(space.Identity, listener));
            there.Listeners.Add(listener);
            return listener;
        }
    }

    private WatchedNamespace Begin(LinkMonitor monitor)
    {
        var space = new WatchedNamespace(monitor);
        try
        {
            control.Watch(monitor.Fd, () => Read(space));
            return space;
        }
        catch
        {
            monitor.Dispose();
            throw;
        }
    }

    private void Leave(NetworkNamespaceIdentity identity, LinkListener listener)
    {
        lock (_watching)
        {
            if (!_spaces.TryGetValue(identity, out var space) || !space.Listeners.Remove(listener) || space.Listeners.Count > 0)
                return;
            _spaces.Remove(identity);
            control.Unwatch(space.Monitor.Fd);
            space.Monitor.Dispose();
        }
    }

    /// <summary>The last news of an interface is how it is now: those before would only tell what has passed, unless it has gone meanwhile:
    /// then what has its number now is another.</summary>
    private void Read(WatchedNamespace space)
    {
        var events = new List<LinkEvent>();
        var touched = new HashSet<int>();
        var lost = new HashSet<int>();
        var isComplete = space.Monitor.Read(events, touched, lost);
        var latest = new Dictionary<int, LinkEvent>();
        var gone = new HashSet<int>();
        foreach (var news in events)
        {
            latest[news.Link.Index] = news;
            if (news.Kind == LinkEventKind.Removed)
                gone.Add(news.Link.Index);
        }
        Bulkhead.Each(ListenersOf(space), listener =>
        {
            if (!isComplete)
                listener.Ask();
            else if (latest.TryGetValue(listener.Index, out var news))
                listener.Tell(gone.Contains(listener.Index) ? null : news.Link);
            else if (touched.Contains(listener.Index))
                listener.Ask();
            // Of one that has gone nothing is left to mend: it has left.
            if (!isComplete || touched.Contains(listener.Index))
                listener.Touch(!isComplete || lost.Contains(listener.Index));
        }, (_, e) => failed(e));
        var there = latest.Values.Where(news => news.Kind == LinkEventKind.Changed);
        heard(isComplete ? there.Select(news => news.Link.Name).ToHashSet() : null);
    }

    private LinkListener[] ListenersOf(WatchedNamespace space)
    {
        lock (_watching)
            return [.. space.Listeners];
    }
}
