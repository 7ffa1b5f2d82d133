using SoftSwitch.Linux.Filters;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Ports;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Outside;

/// <summary>
/// The outside's port on a NIC that the host uses too: a packet socket that hears only what its <see cref="WireFilter"/> lets through. The NIC is left as it
/// is; a MAC of our own is added to those it listens to as long as the socket lives.
/// </summary>
/// <param name="options">Name, interface, MTU; a MAC when the outside has one of its own.</param>
/// <param name="filter">What concerns us.</param>
/// <param name="speech">Is heard beside it; null: nothing is.</param>
public sealed class WireAttachment(AttachmentOptions options, WireFilter filter, HostSpeech? speech = null) : Attachment
{
    private PacketPort? _port;

    public override string InterfaceName => options.Interface;

    public override DevicePort Open(int workers)
    {
        Enter(NetworkNamespace.Current());
        try
        {
            var link = FindNic(options.Interface, "name another one as the outside's interface", "which is the outside's interface in its place");
            _port = PacketPort.Open(options.Name, int.Min(options.Mtu, link.Mtu), workers, options.Interface, link.Index, new PacketSocketOptions
            {
                OwnMac = options.Mac,
                Mark = SocketMark.Translation,
                Filter = filter.Program,
            });
            if (speech is not null)
            {
                _port.Witness = speech;
                speech.Open(options.Interface, link.Index);
            }
            Watch(options.Mac is { } own ? link with { MacAddress = own } : link);
            return _port;
        }
        catch
        {
            _port?.Dispose();
            Dispose();
            throw;
        }
    }

    /// <summary>Exchanges the filter, now and for the next time it is opened.</summary>
    /// <exception cref="SystemCallException">The kernel refused; the earlier filter holds.</exception>
    public void Filter(WireFilter changed)
    {
        _port?.Filter(changed.Program.Span);
        filter = changed;
    }

    public override void Dispose()
    {
        _port = null;
        base.Dispose();
    }
}
