using System.Globalization;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux.Endpoints.HostStack;
using SoftSwitch.Linux.Endpoints.PacketSockets;
using SoftSwitch.Linux.Filters;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Endpoints.HostNeighbor;

/// <summary>
/// Makes the host a neighbor of guests on its own NIC: a helper interface with the NIC's address, its filter, and the rules at the NIC.
/// Nothing has to be undone: when this ends or is killed, the helper goes with its descriptor, and the rules go with their netlink socket.
/// The NIC itself is only looked at, and must be the uplink's. Guests reach of the host what any machine of the LAN does, but never its
/// loopback, and are no routers for it. Works in a user namespace.
/// </summary>
/// <param name="options">The port's name, the NIC's, MTU.</param>
/// <param name="uplink">The uplink on that NIC, open before this.</param>
/// <param name="guests">Says the guests whose addresses are known beforehand, as they are when it is called.</param>
public sealed class HostNeighborEndpoint(
    InterfaceOptions options, InterfaceEndpoint uplink, Func<IReadOnlyCollection<MacAddress>> guests) : InterfaceEndpoint(options)
{
    private const string HelperWord = "helper", ToHostWord = "to-host", TableWord = "table", GuestsWord = "guests";

    private readonly InterfaceSettings _settings = new();
    private HostNeighborPort? _port;
    private int _helper;
    private int _mtu;
    private string? _nic;

    /// <summary>The helper's name, while it is there.</summary>
    public string? HelperName { get; private set; }

    /// <summary>The NIC is what is watched: its state is this port's.</summary>
    protected override (DevicePort Port, LinkInfo Link) Make()
    {
        HostTable? table = null;
        HelperInterface? helper = null;
        PacketPort? toHost = null;
        try
        {
            var nic = FindNic();
            if (nic.Index != uplink.Index)
                throw new SystemCallException(
                    "RTM_GETLINK", Errno.ENODEV, $"interface {InterfaceName}", "another has its name than its uplink is on");
            table = HostTable.Take(Site.Inherited, Key(TableWord), nic.Name);
            helper = table is null ? null : Inherit(nic);
            var isInherited = helper is not null;
            if (table is null || helper is null)
            {
                table?.Dispose();
                // Before any interface is made: where the kernel can't, nothing comes and goes at each try.
                table = new(nic.Name);
                helper = HelperInterface.Open(Links, Options.Name, nic);
                HelperFilter.Apply(Links, helper.Index, nic.Index);
                Links.SetUp(helper.Index);
            }
            toHost = PacketPort.Open(Options.Name, nic.Mtu, Site.Workers, helper.Name, helper.Index, new PacketSocketOptions
            {
                SendsOnly = true,
                Mark = SocketMark.ToHost,
                Inherited = isInherited ? InheritedSocket.Take(Site.Inherited, Key(ToHostWord)) : null,
            });
            if (!isInherited)
                table.Lead(helper.Index, nic.MacAddress, uplink.Mark);
            _port = new(Options.Name, int.Min(Options.Mtu, nic.Mtu), Site.Workers, helper, toHost, table)
            {
                Station = nic.MacAddress,
                Gate = new() { Rules = Rules },
            };
            (_helper, _mtu, _nic, HelperName) = (helper.Index, nic.Mtu, nic.Name, helper.Name);
            if (isInherited)
                _port.Inherit(LeftStations);
            _port.Publish(guests());
            Watch(_helper, FollowHelper, FollowFilters);
            return (_port, nic);
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
            if (e is SystemCallException refused)
                throw new SystemCallException(refused, $"the host and its guests can't reach each other by {InterfaceName}");
            throw;
        }
    }

    private protected override void LeaveEnds(Inheritance heir)
    {
        if (_helper == 0)
            return;
        heir.Leave(Key(HelperWord), string.Create(CultureInfo.InvariantCulture, $"{_helper} {HelperName}"));
        heir.Leave(Key(GuestsWord), string.Join(' ', _port!.Published.Select(station => new MacAddress(station))));
        _port.Leave(heir, Key(HelperWord), Key(ToHostWord), Key(TableWord));
    }

    private IEnumerable<ulong> LeftStations => (LeftText(GuestsWord) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(word => MacAddress.Parse(word).Value);

    /// <summary>The helper that was left with the table that leads to it.</summary>
    private HelperInterface? Inherit(LinkInfo nic) => LeftText(HelperWord)?.Split(' ', 2) is [var number, var name]
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && Links.FindByIndex(index) is not null
        ? HelperInterface.Take(Links, Site.Inherited, Key(HelperWord), name, index, nic.Mtu) : null;

    /// <summary>The helper has the NIC's.</summary>
    protected override int Resize(LinkInfo nic) => int.Min(Options.Mtu, nic.Mtu);

    protected override void Reach()
    {
        if (_port?.Gate is { } gate)
            gate.Rules = Rules;
    }

    private HostRules Rules => ReachesAll ? HostRules.OnLanWithRouters : HostRules.OnLan;

    /// <summary>Guests have come since it was opened: their addresses are known beforehand, too.</summary>
    public void Follow()
    {
        try
        {
            _port?.Publish(guests());
        }
        catch (SystemCallException)
        {
            // They are known when they have spoken. What is wrong with the table shows then, and the port is opened anew.
        }
    }

    /// <summary>Its uplink has found it.</summary>
    protected override LinkInfo? FindKnown() => Links.FindByIndex(uplink.Index);

    /// <summary>The rules are hooked at the NIC by its name: since Linux 6.16 they come off one that is renamed.</summary>
    protected override EndpointState StateOf(LinkInfo nic) =>
        nic.MacAddress != Mac || nic.Mtu != _mtu || nic.Name != _nic || _port?.Failure is not null || _helper == 0
            ? EndpointState.Changed : base.StateOf(nic);

    /// <summary>Withdraws stations that have moved behind the uplink, and keeps the helper's settings.</summary>
    public override void Tick(Instant now)
    {
        _port?.Withdraw(now, Site.Settle);
        if (HelperName is { } name)
            _settings.TurnOff(name);
        if (_port?.Failure is not null)
            Site.Changed();
    }

    /// <summary>What goes to the host is handed to the NIC before it comes into any queue of the helper's.</summary>
    public override KernelDrops Dropped() =>
        _helper == 0 ? default : DropsOf(Links.FindByIndex(_helper)).BehindDescriptor with { Out = 0 };

    public override void Dispose()
    {
        if (_helper != 0)
            Links.DeleteMade(_helper, Mac);
        (_port, _helper, HelperName) = (null, 0, null);
        base.Dispose();
    }

    /// <summary>Without the helper's filters the host and its guests don't reach each other: they are put back. Where another's come before
    /// them, the helper is made anew. The host has no address of its own there.</summary>
    private void FollowFilters(bool isLoss)
    {
        if (_helper == 0)
            return;
        try
        {
            Links.KeepWithoutIpv6(_helper);
            if (isLoss)
                HelperFilter.Apply(Links, _helper, Index);
            if (HelperFilter.IsFirst(Links, _helper))
                return;
        }
        catch (SystemCallException)
        {
            // It is as good as gone.
        }
        _helper = 0;
        Site.Changed();
    }

    /// <summary>Puts the helper right where it can be. One that somebody has put into a bridge is made anew.</summary>
    private void FollowHelper(LinkInfo? helper)
    {
        try
        {
            if (helper is not null)
            {
                RequireFree(helper);
                PutBack(helper, Mac, _mtu);
            }
            if (helper is { IsUp: false })
                Links.SetUp(helper.Index);
        }
        catch (SystemCallException)
        {
            helper = null;
        }
        if (helper is not null)
            return;
        _helper = 0;
        Site.Changed();
    }
}
