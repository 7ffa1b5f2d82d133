using SoftSwitch.Linux.Filters;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Ports;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Host;

/// <summary>
/// Makes the host a neighbour of guests on its own NIC: a helper interface with the NIC's address, its filter, and the rules at the NIC. Nothing of it is the
/// NIC's or needs taking back: the helper goes with its descriptor, the rules with their netlink socket, when this ends or is killed. The NIC itself is only looked at.
/// Works in a user namespace.
/// </summary>
/// <param name="options">The port's name, the NIC's, MTU.</param>
/// <param name="guests">Guests whose addresses are known beforehand.</param>
public sealed class HostAttachment(AttachmentOptions options, IReadOnlyList<MacAddress> guests) : Attachment
{
    private HostPort? _port;
    private int _helper;
    private int _mtu;

    /// <summary>The NIC: how it is is how this port is.</summary>
    public override string InterfaceName => options.Interface;

    /// <summary>The helper's name, while it is there.</summary>
    public string? HelperName { get; private set; }

    public override DevicePort Open(int workers)
    {
        HostTable? table = null;
        HostHelper? helper = null;
        PacketPort? toHost = null;
        Enter(NetworkNamespace.Current());
        try
        {
            var nic = Links.Find(options.Interface) ?? throw new SystemCallException("RTM_GETLINK", Errno.ENODEV, $"interface {options.Interface}");
            // Before any interface is made: where the kernel can't, nothing comes and goes at each try.
            table = new(options.Interface);
            helper = HostHelper.Open(Links, options.Name, nic);
            HelperFilter.Apply(Links, helper.Index, nic.Index);
            Links.SetUp(helper.Index);
            toHost = PacketPort.Open(options.Name, nic.Mtu, workers, helper.Name, helper.Index, new PacketSocketOptions
            {
                SendsOnly = true,
                Mark = SocketMark.ToHost,
            });
            table.Lead(helper.Index, nic.MacAddress);
            var port = new HostPort(options.Name, int.Min(options.Mtu, nic.Mtu), workers, nic.MacAddress, helper, toHost, table);
            (_port, _helper, _mtu, HelperName) = (port, helper.Index, nic.Mtu, helper.Name);
            port.Publish(guests);
            Watch(nic);
            return port;
        }
        catch (Exception e)
        {
            if (_port is not null)
            {
                _port.Dispose();
            }
            else
            {
                toHost?.Dispose();
                table?.Dispose();
                helper?.Dispose();
            }
            Dispose();
            if (e is SystemCallException refused)
                throw new SystemCallException(refused, $"the host and its guests can't reach each other by {options.Interface}");
            throw;
        }
    }

    /// <summary>The NIC's state; what has become of the helper is put right where it can be.</summary>
    protected override LinkState StateOf(LinkInfo nic)
    {
        if (nic.MacAddress != Mac || nic.Mtu != _mtu || _port?.Failure is not null || Links.FindByIndex(_helper) is not { } helper)
            return LinkState.Changed;
        if (!helper.IsUp)
            Links.SetUp(_helper);
        return base.StateOf(nic);
    }

    public override long DroppedByInterface() => _helper != 0 && Links.FindByIndex(_helper) is { } link ? (long)link.TransmitDropped : 0;

    public override void Dispose()
    {
        (_port, _helper, HelperName) = (null, 0, null);
        base.Dispose();
    }
}
