using SoftSwitch.Linux.Endpoints.PacketSockets;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Linux.Workers;

namespace SoftSwitch.Linux.Endpoints.Nic;

/// <summary>
/// Kind <c>nic</c>: an interface that exists, through a promiscuous packet socket. It is left as it is: neither brought up nor given or
/// robbed of anything, and promiscuous only as long as the socket lives. The uplink of a network shares the interface with the host, and
/// doesn't hear what is for the host alone.
/// </summary>
/// <param name="options">Name, interface, MTU.</param>
/// <param name="isUplink">The host is a neighbor of the guests over this interface.</param>
public sealed class NicEndpoint(InterfaceOptions options, bool isUplink = false) : InterfaceEndpoint(options)
{
    private InterfaceClaim? _claim;
    private PacketPort? _port;

    protected override (DevicePort Port, LinkInfo Link) Make()
    {
        var link = FindNic();
        _claim = Claim(InterfaceName, link.Index);
        _port = PacketPort.Open(Options.Name, MtuOf(link), Site.Workers, InterfaceName, link.Index, new PacketSocketOptions
        {
            SendsTunnels = true,
            Promiscuous = true,
            Inherited = TakeSocket(link.Index),
            Filter = isUplink ? UplinkFilter.For(link.MacAddress) : default(ReadOnlyMemory<Filter.sock_filter>),
        });
        return (_port, link);
    }

    private protected override void LeaveEnds(Inheritance heir)
    {
        LeaveClaim(heir, _claim);
        _port!.Leave(heir, Key(SocketWord));
    }

    /// <summary>The host's address on the interface may change at any time, and somebody may put it into a bridge.</summary>
    protected override void Adapt(LinkInfo link)
    {
        RequireFree(link);
        if (!isUplink || link.MacAddress == Mac)
            return;
        _port?.Filter(UplinkFilter.For(link.MacAddress));
        Mac = link.MacAddress;
    }

    /// <summary>What is as long as the NIC takes now must pass, and what is longer must not be tried.</summary>
    protected override EndpointState StateOf(LinkInfo link) =>
        _port is { } port && port.Mtu != MtuOf(link) ? EndpointState.Changed : base.StateOf(link);

    /// <summary>The NIC stays as it is.</summary>
    protected override int Resize(LinkInfo link) => MtuOf(link);

    private int MtuOf(LinkInfo link) => int.Min(Options.Mtu, link.Mtu);

    public override void Dispose()
    {
        _port = null;
        base.Dispose();
        _claim?.Dispose();
        _claim = null;
    }
}
