using SoftSwitch.Linux.Endpoints.PacketSockets;
using SoftSwitch.Linux.Filters;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Linux.Workers;

namespace SoftSwitch.Linux.Endpoints.Outside;

/// <summary>
/// The outside's port on a NIC that the host uses too, or on an interface of the host's that carries bare IP: a packet socket that hears
/// only what its <see cref="OutsideFilter"/> lets through. The NIC is left as it is, and the address there is the host's: one of its own is
/// on the NIC's LAN (<see cref="LanEndpoint"/>).
/// </summary>
/// <param name="options">Name, interface, MTU.</param>
/// <param name="filter">What it hears.</param>
/// <param name="speech">Hears the host's programs beside it; null: there is no need to.</param>
/// <param name="bare">It carries bare IP, and these are its ends; null: it carries Ethernet.</param>
public sealed class OutsideEndpoint(
    InterfaceOptions options, OutsideFilter filter, HostSpeech? speech = null, BareEnds? bare = null)
    : InterfaceEndpoint(options)
{
    private const string Enslaved = "which is the outside's interface in its place";

    private PacketPort? _port;
    private BareIpPort? _barePort;

    protected override (DevicePort Port, LinkInfo Link) Make()
    {
        var link = FindNic("name another one as the outside's interface", Enslaved, isBare: bare is not null);
        var mtu = int.Min(Options.Mtu, link.Mtu);
        if (bare is { } ends)
        {
            _barePort = BareIpPort.Open(Options.Name, mtu, Site.Workers, InterfaceName, link.Index, new PacketSocketOptions
            {
                Mark = SocketMark.Translation,
                Filter = filter.Program,
                Inherited = TakeSocket(link.Index),
            }, ends.Peer, ends.Station);
            return (_barePort, link);
        }
        _port = PacketPort.Open(Options.Name, mtu, Site.Workers, InterfaceName, link.Index, new PacketSocketOptions
        {
            SendsTunnels = true,
            Mark = SocketMark.Translation,
            Filter = filter.Program,
            Inherited = TakeSocket(link.Index),
        });
        try
        {
            if (speech is not null)
            {
                _port.Witness = speech;
                speech.Open(InterfaceName, link.Index);
            }
            return (_port, link);
        }
        catch
        {
            _port.Dispose();
            throw;
        }
    }

    /// <summary>Somebody may put it into a bridge.</summary>
    protected override void Adapt(LinkInfo link) => RequireFree(link, Enslaved);

    /// <summary>Exchanges the filter, now and for the next time it is opened.</summary>
    /// <exception cref="SystemCallException">The kernel refused; the earlier filter holds.</exception>
    public void Filter(OutsideFilter changed)
    {
        _port?.Filter(changed.Program.Span);
        _barePort?.Filter(changed.Program.Span);
        filter = changed;
    }

    private protected override void LeaveEnds(Inheritance heir)
    {
        _port?.Leave(heir, Key(SocketWord));
        _barePort?.Leave(heir, Key(SocketWord));
        speech?.Hold(heir);
    }

    public override void Dispose()
    {
        (_port, _barePort) = (null, null);
        base.Dispose();
    }
}
