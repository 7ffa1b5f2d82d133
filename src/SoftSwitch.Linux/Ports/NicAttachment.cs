using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;

namespace SoftSwitch.Linux.Ports;

/// <summary>
/// Kind <c>nic</c>: an interface that exists, through a promiscuous packet socket. It is left as it is: neither brought up nor given or robbed of
/// anything, and promiscuous only as long as the socket lives.
/// </summary>
/// <param name="options">Name, interface, MTU.</param>
public sealed class NicAttachment(AttachmentOptions options) : Attachment
{
    public override string InterfaceName => options.Interface;

    public override DevicePort Open(int workers)
    {
        Enter(NetworkNamespace.Current());
        try
        {
            var link = Links.Find(options.Interface) ?? throw new SystemCallException(
                "RTM_GETLINK", Errno.ENODEV, $"interface {options.Interface}", "see which there are: ip -br link");
            if (link.IsLoopback || !link.IsEthernet)
                throw new SystemCallException(
                    "bind", Errno.EOPNOTSUPP, $"interface {options.Interface}", "it carries no Ethernet frames; choose another interface");
            if (link.Master != 0)
                throw new SystemCallException("bind", Errno.EBUSY, $"interface {options.Interface}",
                    $"it belongs to a bridge or bond already: ip link set {options.Interface} nomaster");
            var port = PacketPort.Open(options.Name, int.Min(options.Mtu, link.Mtu), workers, options.Interface, link.Index, promiscuous: true);
            Watch(link);
            return port;
        }
        catch
        {
            Dispose();
            throw;
        }
    }
}
