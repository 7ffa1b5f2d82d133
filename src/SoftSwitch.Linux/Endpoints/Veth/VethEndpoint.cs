using System.Globalization;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux.Endpoints.PacketSockets;
using SoftSwitch.Linux.Filters;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Endpoints.Veth;

/// <summary>
/// Kind <c>veth</c>: a namespace gets one end of a veth pair, the switch the other. Our end lives in an unnamed namespace that only this
/// process holds: nobody else sees it or speaks on it, and both ends vanish when the process ends for any reason. It is sealed all the
/// same, against the stack of that namespace.
/// </summary>
/// <param name="options">Name, interface (in the namespace), MTU, address.</param>
/// <param name="netns">Opens the namespace that gets the interface.</param>
/// <param name="address">An address to put on the interface.</param>
/// <param name="gateway">The way to everywhere from the namespace that gets the interface, where it has none yet; null: none.</param>
public sealed class VethEndpoint(
    InterfaceOptions options, Func<NetworkNamespace> netns, (Ipv4Address Address, int PrefixLength)? address, Ipv4Address? gateway)
    : InterfaceEndpoint(options)
{
    private const string OurEnd = "switch", TheirsWord = "theirs";

    private PacketPort? _port;
    private readonly NamedPlace _place = new(netns);
    private int _theirs;

    private protected override bool SendsByQueue => true;

    /// <summary>It is our end that is watched.</summary>
    public override string LatestName => InterfaceName;

    protected override NetworkNamespace Enter() => InheritNamespace(_place) ?? NetworkNamespace.CreateUnnamed();

    protected override (DevicePort Port, LinkInfo Link) Make()
    {
        if (Inherited is { } left && LeftText(TheirsWord) is { } theirs && Links.FindByIndex(left.Index) is { } known
            && TakeSocket(known.Index) is { } socket)
        {
            _theirs = int.Parse(theirs, CultureInfo.InvariantCulture);
            return (_port = Open(known, socket), known);
        }
        using var target = _place.Enter();
        using (var current = NetworkNamespace.Current())
        {
            if (target.Identity == current.Identity)
                throw new SystemCallException("setns", Errno.EINVAL, $"veth {InterfaceName}",
                    "its netns is the host's own: a port of kind tap leads to the host");
        }
        var link = MakePair(target);
        Seal.Apply(Links, link.Index);
        if (link.Mtu != Options.Mtu)
            Links.SetMtu(link.Index, Options.Mtu);
        var port = Open(link, null);
        try
        {
            Links.SetUp(link.Index);
            PrepareTheirs(target);
            return (_port = port, link);
        }
        catch
        {
            port.Dispose();
            throw;
        }
    }

    private protected override void LeaveEnds(Inheritance heir)
    {
        LeaveNamespace(heir, _place);
        heir.Leave(Key(TheirsWord), _theirs.ToString(CultureInfo.InvariantCulture));
        _port!.Leave(heir, Key(SocketWord));
    }

    private PacketPort Open(LinkInfo link, InheritedSocket? inherited) => PacketPort.Open(
        Options.Name, Options.Mtu, Site.Workers, InterfaceName, link.Index,
        new PacketSocketOptions { Promiscuous = true, SendsTunnels = true, Inside = Namespace, Inherited = inherited });

    private LinkInfo MakePair(NetworkNamespace target)
    {
        try
        {
            return Links.CreateVethPair(OurEnd, null, InterfaceName, Options.Mac, target);
        }
        catch (SystemCallException e) when (e.ErrorNumber == Errno.EEXIST)
        {
            throw new SystemCallException(e.Call, e.ErrorNumber, $"veth {InterfaceName} in {target}",
                "an interface of this name exists there; choose another name");
        }
    }

    private void PrepareTheirs(NetworkNamespace target)
    {
        using var links = new Links(target);
        var theirs = links.Require(InterfaceName);
        _theirs = theirs.Index;
        if (theirs.Mtu != Options.Mtu)
            links.SetMtu(theirs.Index, Options.Mtu);
        if (address is { } own)
            links.AddAddress(theirs.Index, own.Address, own.PrefixLength);
        links.SetUp(theirs.Index);
        links.OfferDefaultRoute(gateway);
    }

    public override void Announce()
    {
        if (address is not { } own || Index == 0)
            return;
        try
        {
            using var target = _place.Return();
            if (target is null)
                return;
            using var links = new Links(target);
            if (links.FindByIndex(_theirs) is { } link)
                Announcement.Send(target, InterfaceName, link.Index, link.MacAddress, own.Address);
        }
        catch (Exception e) when (e is SystemCallException or ArgumentException)
        {
            // It is down or gone meanwhile: then nobody is to be found there.
        }
    }

    public override void Tick(Instant now) => _place.Tick();

    protected override int Resize(LinkInfo link)
    {
        using var place = _place.Return();
        ResizeIn(place, _theirs);
        return base.Resize(link);
    }

    public override string? Complaint => _place.Complaint;

    /// <summary>What the other end can't take, ours has dropped; and what ours can't, ours says as well.</summary>
    public override KernelDrops Dropped() => Drops.BehindSocket(_port?.Refused ?? 0);

    public override void Dispose()
    {
        _port = null;
        DeleteMade();
        base.Dispose();
    }
}
