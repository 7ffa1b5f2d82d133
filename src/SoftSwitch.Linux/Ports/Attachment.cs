using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Ports;

/// <summary>
/// The outside half of a port: the interface that is made, found or adopted for it, put in its place and given back. Opening it yields the
/// <see cref="DevicePort"/> that forwards; the attachment stays with the control plane and says how the interface is. What a kind makes, the kernel removes
/// when the process ends for any reason, except a guest's tap, which stays for the guest that holds it.
/// <para>Used by one thread at a time.</para>
/// </summary>
public abstract class Attachment : IDisposable
{
    private Links? _links;
    private int _index;

    /// <summary>The interface's name, in <see cref="Namespace"/>.</summary>
    public abstract string InterfaceName { get; }

    /// <summary>The name under which link events of <see cref="Namespace"/> speak of it.</summary>
    public virtual string WatchedName => InterfaceName;

    /// <summary>The namespace whose link events tell about this port; null before it is open.</summary>
    public NetworkNamespace? Namespace { get; private set; }

    /// <summary>The interface's own address, when it is open.</summary>
    public MacAddress? Mac { get; private set; }

    /// <summary>Makes, finds or adopts the interface and opens the port on it. After a failure nothing half-made is left, and it may be called again.</summary>
    /// <exception cref="SystemCallException">An obstacle of the machine; the message says the cure.</exception>
    public abstract DevicePort Open(int workers);

    /// <summary>How the interface is now.</summary>
    public LinkState State()
    {
        try
        {
            return _links?.FindByIndex(_index) is { } link ? StateOf(link) : LinkState.Gone;
        }
        catch (SystemCallException)
        {
            return LinkState.Gone;
        }
    }

    /// <summary>Frames that the interface dropped on the switch's doorstep since it was made, as far as it tells.</summary>
    public virtual long DroppedByInterface() => 0;

    /// <summary>Says which MAC the address has that was put on the interface, to whoever is on its network; nothing where there is
    /// none, or the interface can't.</summary>
    public virtual void Announce()
    {
    }

    /// <summary>Lets go of the interface; what this attachment made goes, what it found stays as it was found.</summary>
    public virtual void Dispose()
    {
        _links?.Dispose();
        Namespace?.Dispose();
        _links = null;
        _index = 0;
        Namespace = null;
    }

    protected virtual LinkState StateOf(LinkInfo link) =>
        link is { IsUp: true, HasCarrier: true } ? LinkState.Up : LinkState.Down;

    /// <summary>The interfaces of the namespace that is watched.</summary>
    protected Links Links => _links ?? throw new InvalidOperationException("the attachment is not open");

    /// <summary>Enters the namespace that the port's interface is watched in. The attachment disposes of it.</summary>
    protected void Enter(NetworkNamespace space)
    {
        Dispose();
        Namespace = space;
        _links = new(space);
    }

    /// <summary>Finds an interface that exists, carries Ethernet frames and belongs to nobody else.</summary>
    /// <param name="otherwise">What to do about one that carries none.</param>
    /// <param name="enslaved">What to do about one that belongs to a bridge or bond.</param>
    /// <exception cref="SystemCallException">It is none of these.</exception>
    protected LinkInfo FindNic(string name, string otherwise, string enslaved)
    {
        var link = Links.Find(name) ?? throw new SystemCallException("RTM_GETLINK", Errno.ENODEV, $"interface {name}", "see which there are: ip -br link");
        if (link.IsLoopback || !link.IsEthernet)
            throw new SystemCallException("bind", Errno.EOPNOTSUPP, $"interface {name}", $"it carries no Ethernet frames; {otherwise}");
        if (link.Master != 0)
            throw new SystemCallException("bind", Errno.EBUSY, $"interface {name}", $"it belongs to a bridge or bond, {enslaved}");
        return link;
    }

    /// <summary>Says which interface it is, once it is there.</summary>
    protected void Watch(LinkInfo link)
    {
        _index = link.Index;
        Mac = link.MacAddress;
    }

    /// <summary>The interface's number; 0 when it isn't open.</summary>
    public int Index => _index;
}
