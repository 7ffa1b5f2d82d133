using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux.Endpoints.HostStack;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Endpoints.Tap;

/// <summary>
/// Kind <c>tap</c>: the host or a namespace holds the interface, the switch the descriptor. The tap is made right where it belongs, so that
/// it never shows anywhere else, and goes with the descriptor. Where that is the host's own namespace, the host is no router there.
/// </summary>
/// <param name="options">Name, interface, MTU, address.</param>
/// <param name="netns">Opens the namespace that gets the interface.</param>
/// <param name="address">An address to put on the interface.</param>
public sealed class TapEndpoint(InterfaceOptions options, Func<NetworkNamespace> netns, (Ipv4Address Address, int PrefixLength)? address)
    : InterfaceEndpoint(options)
{
    private HostInterface? _host;

    protected override NetworkNamespace Enter() => netns();

    protected override (DevicePort Port, LinkInfo Link) Make()
    {
        var device = Namespace.Run(() => TapDevice.Open(InterfaceName));
        try
        {
            var link = Dress(Links.Require(InterfaceName), Options.Mtu);
            if (address is { } own)
                Links.AddAddress(link.Index, own.Address, own.PrefixLength);
            using (var current = NetworkNamespace.Current())
                _host = Namespace.Identity == current.Identity ? new(Links, ReachesAll) : null;
            _host?.Prepare(link);
            Links.SetUp(link.Index);
            var port = new TapPort(Options.Name, Options.Mtu, Site.Workers, device)
            {
                Gate = _host?.Gate,
                Station = _host is null ? null : link.MacAddress,
            };
            return (port, link);
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
        if (Link is { } link)
            _host?.Tick(link);
    }

    protected override void Adapt(LinkInfo link) => _host?.Follow(link);

    public override void Announce()
    {
        if (address is not { } own || Link is not { } link)
            return;
        try
        {
            Namespace.Run(() => Announcement.Send(InterfaceName, link.Index, link.MacAddress, own.Address));
        }
        catch (SystemCallException)
        {
            // It is down or gone meanwhile: then nobody is to be found there.
        }
    }

    public override KernelDrops Dropped() => Drops.BehindDescriptor;
}
