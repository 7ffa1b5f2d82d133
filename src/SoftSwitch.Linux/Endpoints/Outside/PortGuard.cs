using System.Security.Cryptography;
using SoftSwitch.Linux.Endpoints.HostWay;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Nftables;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Endpoints.Outside;

/// <summary>
/// Keeps the host's own stack from answering for connections that a translation holds on the host's address. The kernel knows no socket for
/// these, and would end each with a RST or an ICMP unreachable.
/// <para>
/// <b>Kept.</b> What a guest has had before the host's socket, or before a rule of the host's firewall that sends it elsewhere (a container
/// that is published), is dropped as it arrives, before such rules.
/// </para>
/// <para>
/// <b>In.</b> A table of our own in the host's nf_tables decides what goes on to the host's stack. It comes after the packet socket, which
/// has had its copy, and before the host's firewall. The first line that fits counts:
/// <code>
///   to any port                                by the loopback     yes: what the host says to forwards doesn't come there
///   to any port                                by a way to it      yes: the translation decides, and it may answer the host
///   to a port of a wide forward                by any interface    if the host has a socket for it
///   to a port of another forward               by any interface    no
///   to a port that is kept, shared address     by any interface    no: a guest has had it before the host's socket
///   to a port of the pool, shared address      by the NIC          if the host has a socket for it
///   all else                                                       yes
/// </code>
/// A forward that is for one address of the host counts at that address alone.
/// The kernel is asked for each packet whether the host has a socket: so what a program listens on or connects from works at once, and
/// nobody has to tell us. A kernel that can't be asked (no nft_socket) looks into the set of <see cref="Except"/> instead.
/// </para>
/// <para>
/// <b>Out.</b> The kernel answers a segment of no connection it knows with a RST. Such a RST is dropped when it would leave by the NIC from
/// a port of the pool: it could only end a guest's connection, which was there before the host's socket. It passes if the set of
/// <see cref="Except"/> has its port. By other interfaces guests have no connections, so a RST passes there: somebody who speaks to a
/// program that is gone is told so.
/// </para>
/// <para>
/// Nothing else of the host's traffic is touched, and nothing of others' rules; what the host forwards or translates itself doesn't come by
/// here. The table belongs to our netlink socket, and the kernel removes it with the process. Used by the control loop alone. Needs
/// CAP_NET_ADMIN.
/// </para>
/// </summary>
public sealed class PortGuard : IDisposable
{
    /// <summary>Ranges of a protocol in the pool that are told apart.</summary>
    public const int MaxPoolRanges = 64;

    /// <summary>Before conntrack and every firewall (NF_IP_PRI_RAW): a firewall may answer too.</summary>
    private const int First = -300;

    private const string Arrival = "arrival", Input = "input", Output = "output", Loopback = "lo";

    private static readonly byte[] s_protocols = [IpProtocol.Tcp, IpProtocol.Udp];

    private readonly string _interface;
    private readonly NftTable _table;
    private readonly Dictionary<byte, NftMembers> _forwarded, _forwardedAt, _host, _kept;
    private bool _asksForSockets;

    /// <summary>Makes the table; it lets everything pass until <see cref="Guard"/>.</summary>
    /// <param name="interfaceName">The NIC. It may go and come back.</param>
    /// <param name="inside">The namespace; null: the calling thread's.</param>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public PortGuard(string interfaceName, NetworkNamespace? inside = null) : this(interfaceName, inside, asksForSockets: true)
    {
    }

    internal PortGuard(string interfaceName, NetworkNamespace? inside, bool asksForSockets)
    {
        _interface = interfaceName;
        _asksForSockets = asksForSockets;
        // A process number is no name: containers with the host's network have numbers of their own.
        var number = RandomNumberGenerator.GetHexString(8, lowercase: true);
        _table = new($"softswitch-{interfaceName}-{number}", inside, NftFamily.Ipv4);
        try
        {
            var change = _table.Change();
            foreach (var protocol in s_protocols)
                change.AddSet(Forwarded(protocol), NftKey.Port).AddSet(ForwardedAt(protocol), NftKey.Endpoint)
                    .AddSet(Host(protocol), NftKey.Port).AddSet(Kept(protocol), NftKey.Port);
            _table.Commit(change.AddChain(Arrival, NftStackHook.Arrival, First).AddChain(Input, NftStackHook.Input, First)
                .AddChain(Output, NftStackHook.Output, First));
        }
        catch
        {
            _table.Dispose();
            throw;
        }
        (_forwarded, _forwardedAt) = (Members(Forwarded), Members(ForwardedAt));
        (_host, _kept) = (Members(Host), Members(Kept));
    }

    /// <summary>False: this kernel can't be asked about sockets, and only <see cref="Except"/> lets the host's own traffic in the pool
    /// pass.</summary>
    public bool AsksForSockets => _asksForSockets;

    /// <summary>Guards these from now on, in place of what was guarded before. What is guarded before and after is guarded in between,
    /// too.</summary>
    /// <param name="address">The shared address.</param>
    /// <param name="pool">Ports that a translation chooses from.</param>
    /// <param name="forwards">Ports that are forwarded.</param>
    /// <exception cref="SystemCallException">The kernel refused; what was guarded before still is.</exception>
    public void Guard(Ipv4Address address, IReadOnlyCollection<TransportPorts> pool, IReadOnlyCollection<ForwardedPorts> forwards)
    {
        // First the ports: a rule that is there already knows the new ones before the old ones are gone.
        ForwardedPort[] narrow = [.. forwards.Where(range => !range.Ports.IsWide).SelectMany(range => range.Each())];
        Exchange(_forwarded, [.. narrow.Where(port => port.On is null).Select(port => port.Port)]);
        foreach (var (protocol, members) in _forwardedAt)
            members.Exchange(narrow.Where(port => port.On is not null && port.Port.Protocol == protocol)
                .Select(port => NftElement.Endpoint(port.On!.Value, (ushort)port.Port.Port)).ToHashSet());
        ForwardedPorts[] wide = [.. forwards.Where(range => range.Ports.IsWide)];
        try
        {
            _table.Commit(Rules(address, pool, wide));
        }
        catch (SystemCallException e) when (_asksForSockets && e.ErrorNumber is Errno.ENOENT or Errno.EOPNOTSUPP)
        {
            _asksForSockets = false;
            _table.Commit(Rules(address, pool, wide));
        }
    }

    /// <summary>Says which ports of the pool and of wide ranges the host uses, and no translation: those of
    /// <see cref="HostPorts.InUse"/> that have no flows.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Except(IReadOnlySet<TransportPort> host) => Exchange(_host, host);

    /// <summary>Says which ports of the pool neither the host's sockets nor its rules get, for guests have had them before and still
    /// do.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Keep(IReadOnlySet<TransportPort> kept) => Exchange(_kept, kept);

    /// <summary>Has the table stay until the program that goes on in this process has its own: what both guard is never without
    /// one.</summary>
    public void Hold(Inheritance heir) => _table.Hold(heir);

    /// <summary>All is as it was before.</summary>
    public void Dispose() => _table.Dispose();

    private NftChange Rules(Ipv4Address address, IReadOnlyCollection<TransportPorts> pool, ForwardedPorts[] wide)
    {
        var change = _table.Change().ClearChain(Arrival).ClearChain(Input).ClearChain(Output);
        // What a guest has had before is no rule's of others either, which might send it elsewhere. It may come by any interface: the
        // address is the host's at all of them.
        change.AddRule(Arrival, new NftRule().MatchInterface(Loopback).Accept())
            .AddRule(Arrival, new NftRule().MatchOtherInterface(_interface).MatchSource(LinkLocal.Ours).Accept())
            .AddRule(Arrival, new NftRule().MatchOtherDestination(address).Accept());
        foreach (var protocol in s_protocols)
            change.AddRule(Arrival, new NftRule().MatchProtocol(protocol).MatchDestinationPortIn(Kept(protocol)).Drop());
        // The host itself speaks to forwards by another way, whichever of its addresses it says.
        change.AddRule(Input, new NftRule().MatchInterface(Loopback).Accept())
            .AddRule(Input, new NftRule().MatchOtherInterface(_interface).MatchSource(LinkLocal.Ours).Accept());
        // Wide ranges have no socket of ours. A socket there belongs to a program of the host: the kernel chooses from these ranges, too.
        foreach (var range in TransportPorts.Merge(wide.Where(range => range.On is null).Select(range => range.Ports), IpProtocol.Udp))
            change.AddRule(Input, Sockets(range).Accept()).AddRule(Input, InRange(range).Drop());
        foreach (var (range, on) in wide.Where(range => range.On is not null))
            change.AddRule(Input, Sockets(range).MatchDestination(on!.Value).Accept())
                .AddRule(Input, InRange(range).MatchDestination(on!.Value).Drop());
        foreach (var protocol in s_protocols)
            change.AddRule(Input, new NftRule().MatchProtocol(protocol).MatchDestinationPortIn(Forwarded(protocol)).Drop())
                .AddRule(Input, new NftRule().MatchProtocol(protocol).MatchDestinationEndpointIn(ForwardedAt(protocol)).Drop());
        change.AddRule(Input, new NftRule().MatchOtherInterface(_interface).Accept())
            .AddRule(Input, new NftRule().MatchOtherDestination(address).Accept());
        foreach (var protocol in s_protocols)
        {
            change.AddRule(Input, new NftRule().MatchProtocol(protocol).MatchDestinationPortIn(Kept(protocol)).Drop());
            foreach (var range in TransportPorts.Merge(pool, protocol, MaxPoolRanges))
            {
                var (first, last) = ((ushort)range.First, (ushort)range.Last);
                change.AddRule(Input, Sockets(range).Accept()).AddRule(Input, InRange(range).Drop());
                if (protocol == IpProtocol.Tcp)
                    change.AddRule(Output, Resets(address, first, last).MatchSourcePortIn(Host(protocol)).Accept())
                        .AddRule(Output, Resets(address, first, last).Drop());
            }
        }
        return change;
    }

    /// <summary>Packets to ports of a range that the host has a socket for.</summary>
    private NftRule Sockets(TransportPorts range) =>
        _asksForSockets ? InRange(range).MatchSocket() : InRange(range).MatchDestinationPortIn(Host(range.Protocol));

    private static NftRule InRange(TransportPorts range) =>
        new NftRule().MatchProtocol(range.Protocol).MatchDestinationPorts((ushort)range.First, (ushort)range.Last);

    private NftRule Resets(Ipv4Address address, ushort first, ushort last) =>
        new NftRule().MatchWayOut(_interface).MatchProtocol(IpProtocol.Tcp).MatchSource(address).MatchSourcePorts(first, last)
            .MatchBareReset();

    private Dictionary<byte, NftMembers> Members(Func<byte, string> set) =>
        s_protocols.ToDictionary(protocol => protocol, protocol => new NftMembers(_table, set(protocol)));

    private static void Exchange(Dictionary<byte, NftMembers> sets, IReadOnlyCollection<TransportPort> wanted)
    {
        foreach (var (protocol, members) in sets)
            members.Exchange(wanted.Where(port => port.Protocol == protocol).Select(port => (NftElement)(ushort)port.Port).ToHashSet());
    }

    private static string Forwarded(byte protocol) => protocol == IpProtocol.Tcp ? "forwarded-tcp" : "forwarded-udp";

    private static string ForwardedAt(byte protocol) => Forwarded(protocol) + "-at";

    private static string Kept(byte protocol) => protocol == IpProtocol.Tcp ? "kept-tcp" : "kept-udp";

    private static string Host(byte protocol) => protocol == IpProtocol.Tcp ? "host-tcp" : "host-udp";
}
