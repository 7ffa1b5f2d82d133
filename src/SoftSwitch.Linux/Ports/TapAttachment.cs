using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Taps;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Ports;

/// <summary>
/// Kind <c>tap</c>: the host or a namespace holds the interface, the switch the descriptor. The tap is made right where it belongs, so that it never
/// shows anywhere else, and goes with the descriptor.
/// </summary>
/// <param name="options">Name, interface, MTU, address.</param>
/// <param name="netns">Opens the namespace that gets the interface.</param>
/// <param name="address">An address to put on the interface.</param>
public sealed class TapAttachment(AttachmentOptions options, Func<NetworkNamespace> netns, (Ipv4Address Address, int PrefixLength)? address)
    : Attachment
{
    public override string InterfaceName => options.Interface;

    public override DevicePort Open(int workers)
    {
        Enter(netns());
        TapDevice? device = null;
        try
        {
            device = Namespace!.Run(() => TapDevice.Open(options.Interface));
            var link = Links.Find(options.Interface) ?? throw new SystemCallException("RTM_GETLINK", Interop.Errno.ENODEV, options.Interface);
            if (options.Mac is { } mac)
                Links.SetMac(link.Index, mac);
            if (link.Mtu != options.Mtu)
                Links.SetMtu(link.Index, options.Mtu);
            if (address is { } own)
                Links.AddAddress(link.Index, own.Address, own.PrefixLength);
            Links.SetUp(link.Index);
            Watch(options.Mac is { } set ? link with { MacAddress = set } : link);
            return new TapPort(options.Name, options.Mtu, workers, device);
        }
        catch
        {
            device?.Dispose();
            Dispose();
            throw;
        }
    }

    public override void Announce()
    {
        if (address is not { } own || Index == 0)
            return;
        try
        {
            if (Links.FindByIndex(Index) is { } link)
                Namespace!.Run(() => Announcement.Send(options.Interface, link.Index, link.MacAddress, own.Address));
        }
        catch (SystemCallException)
        {
            // It is down or gone meanwhile: then nobody is to be found there.
        }
    }

    public override long DroppedByInterface() => Index != 0 && Links.FindByIndex(Index) is { } link ? (long)link.TransmitDropped : 0;
}
