using SoftSwitch.Linux.Filters;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Workers;

namespace SoftSwitch.Linux.Endpoints;

/// <summary>
/// An endpoint that is an interface: made, found or adopted, put in its place and given back. It keeps the interface as the latest news
/// told it, and asks only when it is opened.
/// </summary>
public abstract partial class InterfaceEndpoint(InterfaceOptions options) : Endpoint
{
    private readonly List<IDisposable> _watches = [];
    private EndpointSite? _site;
    private DevicePort? _device;
    private NetworkNamespace? _namespace;
    private Links? _links;
    private LinkInfo? _link;
    private InterfaceDrops _dropsBefore;
    private InterfaceDrops _drops;
    private int _known;
    private string? _name;
    private string? _trouble;

    /// <summary>The name that the interface is found by the first time. From then on it is known by its number.</summary>
    public string InterfaceName => options.Interface;

    /// <summary>What the interface is called by the latest news.</summary>
    public virtual string LatestName => _name ?? InterfaceName;

    /// <summary>The number of the interface that is watched; 0 when it isn't open.</summary>
    public int Index { get; private set; }

    public override EndpointState State => _link is { } link ? StateOf(link) : EndpointState.Gone;

    public override string? Obstacle => State switch
    {
        EndpointState.Gone => _trouble ?? $"interface {LatestName} is gone",
        EndpointState.Down => $"interface {LatestName} is down or has no carrier",
        _ => null,
    };

    public override string? AwaitedInterface => LatestName;

    public sealed override DevicePort Open(EndpointSite site)
    {
        Dispose();
        DevicePort? port = null;
        _site = site;
        Inherit(site.Inherited);
        try
        {
            _namespace = Enter();
            _links = new(_namespace);
            (port, var link) = Make();
            (Index, Mac, _known, _name) = (link.Index, link.MacAddress, link.Index, link.Name);
            if (Elsewhere is null)
                Watch(link.Index, Hear, Touched);
            // Only now: what became of it meanwhile is no news any more.
            _link = _links.FindByIndex(link.Index, Elsewhere);
            // One that was found or adopted has dropped frames before, which were nobody's here.
            _dropsBefore = DropsOf(_link);
            return _device = port;
        }
        catch
        {
            port?.Dispose();
            Dispose();
            throw;
        }
    }

    /// <summary>Lets go of the interface; what this endpoint made goes, what it found stays as it was found.</summary>
    public override void Dispose()
    {
        foreach (var watch in _watches)
            watch.Dispose();
        _watches.Clear();
        _links?.Dispose();
        _namespace?.Dispose();
        (_site, _device, _namespace, _links, _link, Index, Elsewhere, _drops, _trouble) =
            (null, null, null, null, null, 0, null, default, null);
    }

    /// <summary>Name, interface, MTU, address.</summary>
    protected InterfaceOptions Options => options;

    protected EndpointSite Site => _site ?? throw new InvalidOperationException("the endpoint is not open");

    /// <summary>
    /// Where the interface is, as its namespace's number; null: it is where it is watched. A socket in a namespace keeps that alive, so
    /// what is in another's is watched from without: it is asked about.
    /// </summary>
    protected int? Elsewhere { get; set; }

    /// <summary>The namespace that the interface is watched in, or from.</summary>
    protected NetworkNamespace Namespace => _namespace ?? throw new InvalidOperationException("the endpoint is not open");

    /// <summary>The interfaces of that namespace.</summary>
    protected Links Links => _links ?? throw new InvalidOperationException("the endpoint is not open");

    /// <summary>The interface by the latest news; null when it isn't there.</summary>
    protected LinkInfo? Link => _link;

    /// <summary>Opens the namespace of the interface that is watched.</summary>
    protected virtual NetworkNamespace Enter() => NetworkNamespace.Current();

    /// <summary>Makes or finds the interface and opens the port on it.</summary>
    /// <returns>The port, and the interface whose news are the port's.</returns>
    protected abstract (DevicePort Port, LinkInfo Link) Make();

    protected virtual EndpointState StateOf(LinkInfo link) =>
        link is { IsUp: true, HasCarrier: true } ? EndpointState.Up : EndpointState.Down;

    /// <summary>Somebody has changed the interface's filters or addresses: what is missing of ours is put back.</summary>
    /// <param name="isLoss">Something was removed.</param>
    /// <exception cref="SystemCallException">That isn't possible: then the interface counts as gone.</exception>
    protected virtual void Mend(bool isLoss)
    {
    }

    /// <summary>Brings what depends on the interface in line with its news.</summary>
    /// <exception cref="SystemCallException">That isn't possible: then the interface counts as gone.</exception>
    protected virtual void Adapt(LinkInfo link)
    {
    }

    /// <summary>Has <paramref name="news"/> called with the news of an interface of the namespace until this is closed.</summary>
    /// <param name="index">The interface.</param>
    /// <param name="news">As it is now; null: gone.</param>
    /// <param name="touched">Somebody has changed its filters or addresses; true: removed some.</param>
    protected void Watch(int index, Action<LinkInfo?> news, Action<bool>? touched = null) =>
        _watches.Add(Site.Links.Watch(Namespace, Links, index, news, touched));

    /// <summary>About once a second: of an interface elsewhere nobody tells news.</summary>
    protected void Ask()
    {
        LinkInfo? now = null;
        try
        {
            now = Links.FindByIndex(Index, Elsewhere);
        }
        catch (SystemCallException e) when (e.ErrorNumber is Errno.EINVAL or Errno.ENODEV)
        {
            // Its namespace has gone.
        }
        catch (SystemCallException)
        {
            // That tells nothing: it is asked about again.
            return;
        }
        if (now is null || StateOf(now) != State || now.Name != LatestName)
            Hear(now);
    }

    /// <summary>How what its port sends is marked.</summary>
    internal virtual uint Mark => SocketMark.Port;

    /// <summary>The switch sends by the interface's queueing discipline, which nobody else does.</summary>
    private protected virtual bool SendsByQueue => false;

    /// <summary>What the interface that is watched has dropped since it was opened; of one that has gone, as far as it is known.</summary>
    private protected InterfaceDrops Drops
    {
        get
        {
            try
            {
                if (Index != 0 && Links.FindByIndex(Index, Elsewhere) is { } link)
                    _drops = DropsOf(link) - _dropsBefore;
            }
            catch (SystemCallException)
            {
                // With its namespace.
            }
            return _drops;
        }
    }

    /// <summary>What an interface of the namespace has dropped since it is there.</summary>
    private protected InterfaceDrops DropsOf(LinkInfo? link) => link is null ? default
        : new((long)link.ReceiveDropped, (long)link.TransmitDropped, SendsByQueue ? Links.QueueDropped(link.Index) : 0);

    /// <summary>Finds the interface of a port of kind <c>nic</c>, as <see cref="FindNic(string, string, bool)"/> does.</summary>
    protected LinkInfo FindNic() => FindNic("choose another interface", Freed(InterfaceName));

    /// <summary>Finds an interface that exists, carries Ethernet frames and belongs to nobody else.</summary>
    /// <param name="otherwise">What to do about one that carries none.</param>
    /// <param name="enslaved">What to do about one that belongs to a bridge or bond.</param>
    /// <param name="isBare">It is to carry bare packets of IP instead.</param>
    /// <exception cref="SystemCallException">There is none, or it isn't like that.</exception>
    protected LinkInfo FindNic(string otherwise, string enslaved, bool isBare = false)
    {
        var link = FindKnown() ?? Links.Find(InterfaceName)
            ?? throw new SystemCallException("RTM_GETLINK", Errno.ENODEV, $"interface {InterfaceName}", "see which there are: ip -br link");
        if (link.IsLoopback || !(isBare ? link.IsBareIp : link.IsEthernet))
            throw new SystemCallException("bind", Errno.EOPNOTSUPP, $"interface {InterfaceName}",
                $"it carries no {(isBare ? "bare packets of IP" : "Ethernet frames")}; {otherwise}");
        RequireFree(link, enslaved);
        return link;
    }

    /// <summary>Whoever carries the frames of a bridge or bond as well would join networks behind its back.</summary>
    /// <exception cref="SystemCallException">The interface of a port of kind <c>nic</c> belongs to one.</exception>
    protected static void RequireFree(LinkInfo link) => RequireFree(link, Freed(link.Name));

    /// <inheritdoc cref="RequireFree(LinkInfo)"/>
    /// <param name="link">The interface.</param>
    /// <param name="enslaved">What to do about it.</param>
    private protected static void RequireFree(LinkInfo link, string enslaved)
    {
        if (link.Master != 0)
            throw new SystemCallException("bind", Errno.EBUSY, $"interface {link.Name}", $"it belongs to a bridge or bond, {enslaved}");
    }

    private static string Freed(string name) => $"so free it: ip link set {name} nomaster";

    /// <summary>The interface that it was open on before, whatever it is called now; null: it isn't there any more. While it wasn't open
    /// nobody told: another that has its number by now has neither its name nor its address.</summary>
    protected virtual LinkInfo? FindKnown() =>
        Links.FindByIndex(_known) is { } link && (link.Name == _name || link.MacAddress == Mac) ? link : null;

    private void Touched(bool isLoss)
    {
        try
        {
            Mend(isLoss);
        }
        catch (SystemCallException e)
        {
            Fail(e);
        }
    }

    private void Hear(LinkInfo? link)
    {
        try
        {
            _name = link?.Name;
            if (link is not null)
                Adapt(link);
            else
                // It has gone, and its number may become another's: the next is found by its name.
                _known = 0;
            _link = link;
        }
        catch (Exception e)
        {
            Fail(e);
            if (e is not SystemCallException)
                throw;
            return;
        }
        Site.Changed();
    }

    /// <summary>It counts as gone, and people read why.</summary>
    private void Fail(Exception e)
    {
        _link = null;
        _trouble = e is SystemCallException { ErrorNumber: not Errno.ENODEV } ? e.Message : null;
        Site.Changed();
    }
}
