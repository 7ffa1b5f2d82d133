using System.Globalization;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Kinds;
using SoftSwitch.Linux.Endpoints.Outside;
using SoftSwitch.Linux.Nftables;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>
/// One way out to the world: an address that the world sees, and its translator, which lives as long as the address does; and while it is
/// open, the wire, by an interface of the host. So a link that goes down and up again loses no flow. Used by the control loop alone, but
/// for <see cref="Station"/> and <see cref="Look"/>.
/// </summary>
/// <param name="running">The switch that it is part of.</param>
/// <param name="model">The outside.</param>
/// <param name="network">The first of the networks behind it.</param>
/// <param name="number">From 1, among the ways of this outside.</param>
/// <param name="ports">Those that the outside shares with the host.</param>
/// <param name="lans">Where an address of its own is.</param>
/// <param name="translator">With the address.</param>
/// <param name="log">Where the translator writes its flows; null: nowhere.</param>
internal sealed class OutsideWay(
    INatSwitch running, OutsideModel model, string network, int number, SharedPorts ports, OwnLans lans, Napt translator, NaptFlowLog? log)
    : IDisposable
{
    /// <summary>A lease that is renewed, or a cable that is pulled, takes an address for a moment.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly GuardedPorts _guarded = new(ports, hasPool: !translator.OnlyAnswers);
    private readonly WayAliases _aliases = new(translator);
    private long _changedAt = Environment.TickCount64;
    private bool _isAsked = true, _hasNews;
    private Instant? _lostSince;
    private volatile Outside? _station;
    private OutsideBridge? _wire;

    /// <summary>From 1, among the ways of this outside.</summary>
    public int Number => number;

    public Ipv4Address Address => translator.OutsideAddress;

    public Napt Translator => translator;

    /// <summary>Where the translator writes its flows; null: nowhere.</summary>
    public NaptFlowLog? Log { get; set; } = log;

    /// <summary>Where it was opened last; null: nowhere yet.</summary>
    public OutsideLink? Link { get; private set; }

    /// <summary>The port for whose packet it was opened; null: all have it.</summary>
    public Port? AskedBy { get; set; }

    /// <summary>Nothing begins here inside: it is for forwards, and what leaves are answers.</summary>
    public bool OnlyAnswers => translator.OnlyAnswers;

    /// <summary>It was opened so that who asks a forward by its interface is answered.</summary>
    public bool IsForForwards { get; set; }

    /// <summary>Forwards are asked here: of several ways by one interface, by one, for all hear the same packets.</summary>
    public bool IsAsked
    {
        get => _isAsked;
        set
        {
            _hasNews |= _isAsked != value;
            _isAsked = value;
        }
    }

    /// <summary>The host's other addresses at which forwards are asked here.</summary>
    public IReadOnlyList<Ipv4Address> Aliases => _aliases.Open;

    /// <summary>All addresses of the host at which it is spoken to.</summary>
    private Ipv4Address[] Heard => [Address, .. Aliases];

    /// <summary>The host has lost some of them lately.</summary>
    public bool HasLost => _aliases.HasLost;

    /// <summary>Forwards are asked at other addresses than the wire hears: <see cref="UsePorts"/> is to be called.</summary>
    public bool HasNews => _hasNews || _aliases.HasNews;

    /// <inheritdoc cref="WayAliases.Follow"/>
    public void Follow(IReadOnlyList<Ipv4Address> addresses, Instant now, List<OpenFlow> ended) =>
        _aliases.Follow(IsAsked ? addresses : [], now, ended);

    /// <summary>Null while it isn't open.</summary>
    public Outside? Station => _station;

    /// <summary>It is open in the bridge where it would be opened now.</summary>
    public bool IsInPlace => _wire is not null || (_station is { } station && lans.IsInPlace(Link!, station));

    /// <summary>What may be seen of it from any thread.</summary>
    /// <param name="why">What leads there.</param>
    public WaySnapshot Look(string why) =>
        new(Link?.Interface, Address, _station is not null, new(Interlocked.Read(ref _changedAt)), why, translator);

    /// <param name="link">Where; its address is this one's.</param>
    /// <param name="next">Where packets go from there.</param>
    /// <param name="inside">The networks behind it.</param>
    /// <param name="routes">What the host's routing has said; null: it doesn't decide here.</param>
    /// <exception cref="Linux.SystemCallException">It can't be opened; it is closed, then, and one that never was open guards
    /// nothing.</exception>
    public void Open(OutsideLink link, NextHops next, InsideNetworks inside, RouteCache? routes)
    {
        Close();
        var name = number == 1 ? $"{network}.out" : string.Create(CultureInfo.InvariantCulture, $"{network}.out{number}");
        try
        {
            if (model.SharesHost)
                Share(name, link, next, inside, routes);
            else
                Own(name, link, next, inside);
        }
        catch when (Link is null)
        {
            _guarded.Dispose();
            throw;
        }
        Link = link;
        NoteChange();
    }

    /// <summary>Ports that rules of the host's firewall send elsewhere, by the latest look: nobody looks while it isn't open.</summary>
    public IReadOnlyList<RedirectedPorts> Redirected => _guarded.Redirected;

    /// <summary>Looks which those are.</summary>
    public void FindRedirected()
    {
        if (_wire is not null)
            _guarded.FindRedirected(Address);
    }

    /// <summary>Another pool is translated with, or others are forwarded: <see cref="UsePorts"/> is to be called.</summary>
    /// <returns>False: the wire can't hear what is forwarded now, and is to be made anew.</returns>
    public bool RenewPorts()
    {
        _hasNews = true;
        _guarded.LookAgain();
        return _wire is null || Link!.IsBareIp || !_guarded.IsDeaf;
    }

    /// <summary>Ports of the pool that the host has taken meanwhile are the host's.</summary>
    public void GiveWay()
    {
        if (_station is not null)
            _guarded.GiveWay(translator, Aliases);
    }

    /// <summary>Sockets keep other forwarded ports than before, or forwards are asked at other addresses: now the guard may, and then the
    /// wire hears them.</summary>
    /// <exception cref="Linux.SystemCallException">The kernel refused; it is still to be done.</exception>
    public void UsePorts()
    {
        if (_wire is { } wire)
        {
            _guarded.GuardAgain(Address);
            // What the host says is heard before what comes in answer.
            _guarded.HearAt(Heard);
            ((OutsideEndpoint)wire.Port.Endpoint).Filter(FilterAt(Link!));
        }
        // One that isn't open knows all when it is.
        _hasNews = false;
        _aliases.Used();
    }

    /// <summary>The host has its address now, or not.</summary>
    public void Note(bool hasAddress, Instant now) => _lostSince = hasAddress ? null : _lostSince ?? now;

    /// <summary>The address is gone for good.</summary>
    public bool IsLost(Instant now) => _station is null && _lostSince is { } since && now.Milliseconds >= (since + Patience).Milliseconds;

    /// <summary>Closes the wire: when this returns, no worker is in it. Nothing may lead here any more.</summary>
    public void Close()
    {
        _guarded.EndHearing();
        if (_station is not { } station)
            return;
        if (_wire is { } wire)
            wire.Close(running);
        else
            lans.Leave(station);
        (_station, _wire) = (null, null);
        NoteChange();
    }

    /// <summary>The host's address: a wire for what the translator has of it, in a bridge of its own.</summary>
    private void Share(string name, OutsideLink link, NextHops next, InsideNetworks inside, RouteCache? routes)
    {
        BareEnds? bare = link.IsBareIp ? new(running.Macs.BareWay(name), running.Macs.BareWayPeer(name)) : null;
        var port = new NicModel { Name = name, Network = network, Interface = link.Interface, Mtu = link.Mtu };
        // The guard stands before the first packet can be translated.
        _guarded.Guard(link);
        var endpoint = new OutsideEndpoint(
            new(name, link.Interface, link.Mtu), FilterAt(link), bare is null ? _guarded.Hear(Heard, translator) : null, bare);
        _wire = OutsideBridge.Open(running, port, endpoint, () => new(
            name, bare?.Station ?? link.HostMac, link.Address, link.Subnet, link.Mtu, running.Workers.Count, translator, ownsAddress: false,
            next, bare?.Peer) { Inside = inside, Routes = routes });
        _station = _wire.Station;
    }

    /// <summary>An address of its own, with a MAC of its own, which no other host on that LAN makes: a machine there.</summary>
    private void Own(string name, OutsideLink link, NextHops next, InsideNetworks inside)
    {
        var mac = running.Macs.Outside(model.IsLeased ? network : null, link.Address);
        var station = new Outside(name, mac, link.Address, link.Subnet, link.Mtu, running.Workers.Count, translator, ownsAddress: true,
            next) { Inside = inside };
        lans.Enter(link, network, name, station);
        _station = station;
    }

    private void NoteChange() => Interlocked.Exchange(ref _changedAt, Environment.TickCount64);

    private OutsideFilter FilterAt(OutsideLink link)
    {
        var heard = IsAsked ? _guarded.At(link.Address) : _guarded.Pool;
        return link.IsBareIp
            ? OutsideFilter.SharedBareIp(link.Address, heard, Aliases, ports.ForwardedAt(Aliases))
            : OutsideFilter.Shared(link.Address, heard, Aliases, ports.ForwardedAt(Aliases));
    }

    /// <summary>Has the ports guarded until the program that goes on in this process does that.</summary>
    /// <exception cref="Linux.SystemCallException">The kernel refused.</exception>
    public void Hold(Inheritance heir) => _guarded.Hold(heir);

    public void Dispose()
    {
        Close();
        _guarded.Dispose();
    }
}
