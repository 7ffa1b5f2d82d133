using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux.Endpoints.HostStack;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Endpoints.Tap;

/// <summary>
/// Kind <c>tap</c>: the host or a namespace holds the interface, the switch the descriptor. The tap goes with the descriptor. Where it is
/// in the host's own namespace, the host is no router there.
/// <para>
/// A descriptor keeps the namespace alive in which it was opened. So a tap for a namespace is made in an unnamed one of ours, where nobody
/// sees it, moved from there, and watched from there: its namespace lives as long as its own processes and names, and when it goes, the tap
/// goes with it.
/// </para>
/// </summary>
/// <param name="options">Name, interface, MTU, address.</param>
/// <param name="netns">Opens the namespace that gets the interface.</param>
/// <param name="address">An address to put on the interface.</param>
/// <param name="gateway">The way to everywhere from the namespace that gets the interface, where it has none yet; null: none.</param>
public sealed class TapEndpoint(
    InterfaceOptions options, Func<NetworkNamespace> netns, (Ipv4Address Address, int PrefixLength)? address, Ipv4Address? gateway)
    : InterfaceEndpoint(options)
{
    private const string DeviceWord = "tap";

    private readonly NamedPlace _place = new(netns);
    private HostInterface? _host;
    private TapPort? _port;

    protected override NetworkNamespace Enter()
    {
        if (InheritNamespace(_place) is { } left)
            return left;
        using var place = _place.Enter();
        var own = NetworkNamespace.Current();
        if (own.Identity == place.Identity)
            return own;
        own.Dispose();
        return NetworkNamespace.CreateUnnamed();
    }

    protected override (DevicePort Port, LinkInfo Link) Make()
    {
        var inherited = Take(DeviceWord);
        var device = inherited is null ? TapDevice.Open(InterfaceName, Namespace) : TapDevice.Inherit(inherited, InterfaceName);
        try
        {
            _host = Namespace.Identity == _place.Identity ? new(Links, ReachesAll, address) : null;
            var link = inherited is not null ? Find() : _host is null ? Move(Made()) : Prepare(Links, Made());
            var port = new TapPort(Options.Name, Options.Mtu, Site.Workers, device)
            {
                Gate = _host?.Gate,
                Station = _host is null ? null : link.MacAddress,
            };
            if (inherited is not null)
                port.Inherit(Site.Inherited, Key(DeviceWord));
            return (_port = port, link);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <summary>Keeps the host's interface as it must be.</summary>
    public override void Tick(Instant now)
    {
        if (Elsewhere is not null)
        {
            Ask();
            _place.Tick();
        }
        else if (Link is { } link)
            _host?.Tick(link);
    }

    protected override void Reach()
    {
        if (_host is { } host && Link is { } link)
            host.Reach(ReachesAll, link);
    }

    protected override int Resize(LinkInfo link)
    {
        if (Elsewhere is null)
            return base.Resize(link);
        using var place = _place.Return();
        ResizeIn(place, link.Index);
        return Options.Mtu;
    }

    public override string? Complaint => _host?.Complaint ?? _place.Complaint;

    /// <summary>To another MAC the host hears nothing: what others have changed is put back. In a bridge or bond that decides.</summary>
    protected override void Adapt(LinkInfo link)
    {
        if (_host is null)
            return;
        if (link.Master == 0)
            PutBack(link, Mac, link.Mtu);
        _host.Follow(link);
    }

    /// <summary>Its addresses are the switch's: who removes them cuts the guests off.</summary>
    protected override void Mend(bool isLoss)
    {
        if (!isLoss || Index == 0)
            return;
        if (address is { } own)
            Links.AddAddress(Index, own.Address, own.PrefixLength);
        if (Link is { } link)
            _host?.Restore(link);
    }

    public override void Announce()
    {
        if (address is not { } own || Link is not { } link)
            return;
        try
        {
            using var place = _place.Return();
            if (place is not null)
                Announcement.Send(place, InterfaceName, link.Index, link.MacAddress, own.Address);
        }
        catch (Exception e) when (e is SystemCallException or ArgumentException)
        {
            // It is down or gone meanwhile: then nobody is to be found there.
        }
    }

    public override KernelDrops Dropped() => Drops.BehindDescriptor;

    public override void Dispose()
    {
        _port = null;
        DeleteMade();
        base.Dispose();
    }

    private protected override void LeaveEnds(Inheritance heir)
    {
        _port!.Leave(heir, Key(DeviceWord));
        if (_host is null)
            LeaveNamespace(heir, _place);
    }

    private LinkInfo Made() => Links.Require(InterfaceName);

    /// <summary>The interface that was left with its tap. It is as it was made.</summary>
    private LinkInfo Find()
    {
        Elsewhere = Inherited?.Elsewhere;
        var link = Links.FindByIndex(Inherited?.Index ?? 0, Elsewhere)
            ?? throw new SystemCallException("RTM_GETLINK", Errno.ENODEV, $"tap {InterfaceName}");
        _host?.Inherit(link);
        return link;
    }

    private LinkInfo Move(LinkInfo made)
    {
        using var place = _place.Enter();
        try
        {
            Links.MoveTo(made.Index, place);
        }
        catch (SystemCallException e) when (e.ErrorNumber == Errno.EEXIST)
        {
            throw new SystemCallException(e.Call, e.ErrorNumber, $"tap {InterfaceName} in {place}",
                "an interface of this name exists there; choose another name");
        }
        Elsewhere = Links.NumberOf(place);
        using var theirs = new Links(place);
        var link = Prepare(theirs, theirs.Require(InterfaceName));
        theirs.OfferDefaultRoute(gateway);
        return link;
    }

    private LinkInfo Prepare(Links links, LinkInfo link)
    {
        link = Dress(links, link, Options.Mtu);
        if (address is { } own)
            links.AddAddress(link.Index, own.Address, own.PrefixLength);
        _host?.Prepare(link);
        links.SetUp(link.Index);
        return link;
    }
}
