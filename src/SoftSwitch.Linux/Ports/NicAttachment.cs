using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Workers;

namespace SoftSwitch.Linux.Ports;

/// <summary>
/// Kind <c>nic</c>: an interface that exists, through a promiscuous packet socket. It is left as it is: neither brought up nor given or robbed of
/// anything, and promiscuous only as long as the socket lives. The uplink of a network shares it with the host: then what is the host's alone isn't heard.
/// </summary>
/// <param name="options">Name, interface, MTU.</param>
/// <param name="isUplink">The host is a neighbour of the guests over this interface.</param>
public sealed class NicAttachment(AttachmentOptions options, bool isUplink = false) : Attachment
{
    private PacketPort? _port;

    public override string InterfaceName => options.Interface;

    public override DevicePort Open(int workers)
    {
        Enter(NetworkNamespace.Current());
        try
        {
            var link = FindNic(options.Interface, "choose another interface", $"so free it: ip link set {options.Interface} nomaster");
            _port = PacketPort.Open(options.Name, int.Min(options.Mtu, link.Mtu), workers, options.Interface, link.Index, new PacketSocketOptions
            {
                Promiscuous = true,
                Filter = isUplink ? UplinkFilter.For(link.MacAddress) : default(ReadOnlyMemory<Filter.sock_filter>),
            });
            Watch(link);
            return _port;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The host's address on the interface may change at any time.</summary>
    protected override LinkState StateOf(LinkInfo link)
    {
        if (isUplink && link.MacAddress != Mac)
        {
            _port?.Filter(UplinkFilter.For(link.MacAddress));
            Watch(link);
        }
        return base.StateOf(link);
    }

    public override void Dispose()
    {
        _port = null;
        base.Dispose();
    }
}
