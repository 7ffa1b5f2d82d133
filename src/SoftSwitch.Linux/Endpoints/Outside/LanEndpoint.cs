using SoftSwitch.Linux.Endpoints.PacketSockets;
using SoftSwitch.Linux.Filters;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Endpoints.Outside;

/// <summary>
/// The port on a NIC by which stations of ours are on its LAN, each with an address and a MAC of its own: a packet socket that hears what
/// is for them (<see cref="OutsideFilter"/>). The NIC is left as it is; their MACs are added to those it listens to as long as they are
/// here.
/// <para>The host on that NIC hears of the stations by a port of its own, so what is sent here is marked.</para>
/// </summary>
/// <param name="options">Name and interface; packets are as long as the interface takes.</param>
public sealed class LanEndpoint(InterfaceOptions options) : InterfaceEndpoint(options)
{
    private const string StationsWord = "stations", AddressesWord = "stations' addresses";

    private const string Enslaved = "which is the outside's interface in its place";

    private readonly Dictionary<MacAddress, Ipv4Address> _stations = [];
    private PacketPort? _port;

    /// <summary>Stations that the inherited socket hears for, and of which nobody has spoken yet: until somebody does, what comes for them
    /// waits in the socket like all else.</summary>
    private Dictionary<MacAddress, Ipv4Address> _heard = [];

    /// <summary>The stations' MACs.</summary>
    public IReadOnlyCollection<MacAddress> Stations => [.. _stations.Keys];

    /// <summary>Hears for one station more.</summary>
    /// <exception cref="SystemCallException">The kernel refused; all is as before.</exception>
    public void Add(MacAddress mac, Ipv4Address address)
    {
        _stations[mac] = address;
        try
        {
            if (_port is { } port)
                Hear(port, Index, mac);
            _port?.Filter(Filter.Program.Span);
        }
        catch
        {
            Remove(mac);
            throw;
        }
    }

    /// <summary>Hears for it no more.</summary>
    public void Remove(MacAddress mac)
    {
        _stations.Remove(mac);
        _port?.HearNoMore(Index, mac);
        try
        {
            _port?.Filter(Filter.Program.Span);
        }
        catch (SystemCallException)
        {
            // It hears what nobody here takes.
        }
    }

    protected override (DevicePort Port, LinkInfo Link) Make()
    {
        var link = FindNic("name another one as the outside's interface", Enslaved);
        var inherited = TakeSocket(link.Index);
        _heard = inherited is null ? [] : Left();
        var port = PacketPort.Open(Options.Name, link.Mtu, Site.Workers, InterfaceName, link.Index, new PacketSocketOptions
        {
            SendsTunnels = true,
            Mark = Mark,
            Filter = Filter.Program,
            Inherited = inherited,
        });
        try
        {
            foreach (var mac in _stations.Keys)
                Hear(port, link.Index, mac);
        }
        catch
        {
            port.Dispose();
            throw;
        }
        _port = port;
        return (port, link);
    }

    /// <summary>Somebody may put it into a bridge.</summary>
    protected override void Adapt(LinkInfo link) => RequireFree(link, Enslaved);

    /// <summary>What is as long as the NIC takes now must pass, and what is longer must not be tried.</summary>
    protected override EndpointState StateOf(LinkInfo link) =>
        _port is { } port && port.Mtu != link.Mtu ? EndpointState.Changed : base.StateOf(link);

    private protected override void LeaveEnds(Inheritance heir)
    {
        _port!.Leave(heir, Key(SocketWord));
        heir.Leave(Key(StationsWord), string.Join(' ', _stations.Keys));
        heir.Leave(Key(AddressesWord), string.Join(' ', _stations.Values));
    }

    /// <summary>What the program before has left. One from before may not have said the addresses.</summary>
    private Dictionary<MacAddress, Ipv4Address> Left()
    {
        var addresses = Words(AddressesWord);
        return Words(StationsWord).Index().ToDictionary(one => MacAddress.Parse(one.Item),
            one => one.Index < addresses.Length ? Ipv4Address.Parse(addresses[one.Index]) : default);

        string[] Words(string what) => LeftText(what)?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
    }

    /// <summary>The kernel counts how often it was asked: once is enough for one that the inherited socket hears for.</summary>
    private void Hear(PacketPort port, int index, MacAddress mac)
    {
        if (!_heard.Remove(mac))
            port.Hear(index, mac);
    }

    public override void Dispose()
    {
        _port = null;
        base.Dispose();
    }

    internal override uint Mark => SocketMark.Lan;

    private OutsideFilter Filter => OutsideFilter.Own([.. _stations, .. _heard.Where(left => !_stations.ContainsKey(left.Key))]);
}
