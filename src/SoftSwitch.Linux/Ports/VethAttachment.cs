using SoftSwitch.Linux.Filters;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Ports;

/// <summary>
/// Kind <c>veth</c>: a namespace gets one end of a veth pair, the switch the other. Our end lives in an unnamed namespace that only this process holds:
/// nobody else sees it or speaks on it, and both ends vanish when the process ends for any reason. It is sealed all the same, against the stack
/// of that namespace.
/// </summary>
/// <param name="options">Name, interface (in the namespace), MTU, address.</param>
/// <param name="netns">Opens the namespace that gets the interface.</param>
/// <param name="address">An address to put on the interface.</param>
public sealed class VethAttachment(AttachmentOptions options, Func<NetworkNamespace> netns, (Ipv4Address Address, int PrefixLength)? address)
    : Attachment
{
    private const string OurEnd = "switch";

    public override string InterfaceName => options.Interface;

    public override string WatchedName => OurEnd;

    public override DevicePort Open(int workers)
    {
        using var target = netns();
        Enter(NetworkNamespace.CreateUnnamed());
        try
        {
            var link = Links.CreateVethPair(OurEnd, null, options.Interface, options.Mac, target);
            Seal.Apply(Links, link.Index);
            if (link.Mtu != options.Mtu)
                Links.SetMtu(link.Index, options.Mtu);
            var port = Namespace!.Run(() => PacketPort.Open(options.Name, options.Mtu, workers, options.Interface, link.Index, promiscuous: true));
            try
            {
                Links.SetUp(link.Index);
                PrepareTheirs(target);
            }
            catch
            {
                port.Dispose();
                throw;
            }
            Watch(link);
            return port;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private void PrepareTheirs(NetworkNamespace target)
    {
        using var links = new Netlink.Links(target);
        var theirs = links.Find(options.Interface)
            ?? throw new SystemCallException("RTM_GETLINK", Interop.Errno.ENODEV, options.Interface);
        if (theirs.Mtu != options.Mtu)
            links.SetMtu(theirs.Index, options.Mtu);
        if (address is { } own)
            links.AddAddress(theirs.Index, own.Address, own.PrefixLength);
        links.SetUp(theirs.Index);
    }

    public override void Announce()
    {
        if (address is not { } own || Index == 0)
            return;
        try
        {
            using var target = netns();
            using var links = new Netlink.Links(target);
            if (links.Find(options.Interface) is { } link)
                target.Run(() => Announcement.Send(options.Interface, link.Index, link.MacAddress, own.Address));
        }
        catch (Exception e) when (e is SystemCallException or ArgumentException)
        {
            // It is down or gone meanwhile: then nobody is to be found there.
        }
    }

    public override void Dispose()
    {
        // The pair goes with the namespace; deleting it makes that certain when a socket in it is still on its way out.
        if (Namespace is not null && Index != 0)
        {
            try
            {
                Links.Delete(Index);
            }
            catch (SystemCallException)
            {
                // Gone already, with the other end's namespace.
            }
        }
        base.Dispose();
    }
}
