using System.Security.Cryptography;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Nftables;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Endpoints.HostWay;

/// <summary>
/// Leads what the host itself sends to a forward onto the way to the host, whichever of its own addresses it says, so that the guest is its
/// other end: a connection is there when the guest has accepted it, and what is closed at the guest is closed for the host.
/// <para>
/// <b>Out.</b> A table of our own in the host's nf_tables translates (NAT; the kernel does it, and remembers it by conntrack). The first
/// line that fits counts; all that follows in a connection goes as its first packet went:
/// <code>
///   to anybody else                                         as it is
///   to the address and port of a forward that is for one    to the link-local address of the way, same port
///   to 127.0.0.0/8, but for 127.0.0.1                       as it is
///   to the port of another forward                          to the link-local address of the way, same port
///   to a port of a wide range where the host has a socket   as it is
///   to a port of a wide range                               to the link-local address of the way, same port
/// </code>
/// The chain comes after those of the host's firewall that do the same (Docker's for one): a port that one of them sends elsewhere goes
/// there.
/// </para>
/// <para>
/// <b>Departure.</b> What leaves by the way from 127.0.0.0/8 gets the shared address: the guest answers to no other host's loopback. The
/// answers are 127.0.0.1's again when they come in by the tap, which is why it has <c>route_localnet</c>. A guest can't use that: what it
/// sends to 127.0.0.0/8 ends at the gate before the tap. What comes from a port of the pool or of a wide range gets another: to the guest,
/// what other guests say by the same forward comes from such ports, and its answers would go astray.
/// </para>
/// <para>
/// <b>Fragments.</b> Datagrams of the host that leave by the way may be fragmented there. The loopback, which they were sent by, carries
/// longer ones than a guest's network, and the kernel would believe of it what it is told about the way.
/// </para>
/// <para>
/// Nothing else of the host's traffic is touched, and nothing of others' rules. The table belongs to our netlink socket, and the kernel
/// removes it with the process. At an orderly end connections that were led are forgotten; after a kill, conntrack has them until the next
/// start, or until they have been silent for a while. Used by the control loop alone. Needs CAP_NET_ADMIN.
/// </para>
/// </summary>
public sealed class HostForwards : IDisposable
{
    /// <summary>Behind those who lead elsewhere at NF_IP_PRI_NAT_DST, before those who change sources at NF_IP_PRI_NAT_SRC.</summary>
    private const int BehindOthers = -99, BeforeOthers = 99;

    /// <summary>NF_IP_PRI_MANGLE.</summary>
    private const int Mangle = -150;

    private const int FirstUnprivileged = 1024;

    private const string Output = "output", Departure = "departure", Fragments = "fragments";

    private static readonly Ipv4Subnet s_loopback = new(new(0x7F00_0000), 8);

    private readonly string _tap;
    private readonly bool _goesOn;
    private readonly NetworkNamespace? _inside;
    private readonly NftTable _table;
    private readonly LedPorts _ports;
    private readonly Dictionary<byte, NftMembers> _endpoints;
    private (Ipv4Address Way, Ipv4Address Shared, TransportPorts[] Ours, ForwardedPorts[] Wide, TransportPorts Free)? _rules;

    /// <summary>Makes the table; it leaves everything as it is until <see cref="Lead"/>.</summary>
    /// <param name="tap">The way's interface.</param>
    /// <param name="inside">The namespace; null: the calling thread's.</param>
    /// <param name="goesOn">The program before this one has led in this process: its connections stay.</param>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public HostForwards(string tap, NetworkNamespace? inside = null, bool goesOn = false)
    {
        (_tap, _inside, _goesOn) = (tap, inside, goesOn);
        _table = new($"softswitch-{tap}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}", inside, NftFamily.Ipv4);
        try
        {
            var change = LedPorts.AddSets(_table.Change());
            foreach (var protocol in LedPorts.Protocols)
                change.AddSet(Endpoints(protocol), NftKey.Endpoint);
            Commit(change.AddNatChain(Output, NftStackHook.Output, BehindOthers)
                .AddNatChain(Departure, NftStackHook.Departure, BeforeOthers)
                .AddChain(Fragments, NftStackHook.Departure, Mangle)
                .AddRule(Fragments, new NftRule().MatchWayOut(_tap).MatchProtocol(IpProtocol.Udp).MatchDontFragment().AllowFragments()));
        }
        catch
        {
            _table.Dispose();
            throw;
        }
        _ports = new(_table);
        _endpoints = LedPorts.Protocols.ToDictionary(protocol => protocol, protocol => new NftMembers(_table, Endpoints(protocol)));
    }

    /// <summary>Leads exactly these from now on. What stays isn't touched.</summary>
    /// <param name="way">The link-local address of the way.</param>
    /// <param name="shared">The host's address that guests see.</param>
    /// <param name="forwards">What is forwarded.</param>
    /// <param name="pool">What the translation chooses from.</param>
    /// <exception cref="SystemCallException">The kernel refused; some may be led and others not.</exception>
    public void Lead(
        Ipv4Address way, Ipv4Address shared, IReadOnlyCollection<ForwardedPorts> forwards, IReadOnlyCollection<TransportPorts> pool)
    {
        _ports.Exchange(forwards);
        foreach (var (protocol, members) in _endpoints)
            members.Exchange(LedPorts.Narrow(forwards, protocol).Where(port => port.On is not null)
                .Select(port => NftElement.Endpoint(port.On!.Value, (ushort)port.Port.Port)).ToHashSet());
        ForwardedPorts[] wide = [.. forwards.Where(range => range.Ports.IsWide)];
        var free = TransportPorts.WidestGap(
            [.. pool, .. forwards.Select(range => range.Ports)], FirstUnprivileged, ushort.MaxValue);
        TransportPorts[] ours = [.. pool, .. wide.Select(range => range.Ports)];
        if (_rules is { } now && (now.Way, now.Shared, now.Free) == (way, shared, free) && now.Wide.SequenceEqual(wide)
            && now.Ours.SequenceEqual(ours))
            return;
        // Of a run that was killed.
        if (_rules is null && !_goesOn)
            LedConnections.Forget(way, _inside);
        Commit(Rules(way, shared, wide, ours, free));
        _rules = (way, shared, ours, wide, free);
    }

    /// <summary>Says which ports of wide ranges the host has sockets at.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Except(IReadOnlySet<TransportPort> host) => _ports.Except(host);

    /// <summary>Has the table stay until the program that goes on in this process has its own. What is led stays so: conntrack remembers
    /// it.</summary>
    public void Hold(Inheritance heir) => _table.Hold(heir);

    /// <summary>Nothing is led any more. What the host goes on saying in a connection it says to itself, and is told that there is
    /// none.</summary>
    public void Dispose()
    {
        _table.Dispose();
        if (_rules is { } led)
            LedConnections.Forget(led.Way, _inside);
    }

    private NftChange Rules(Ipv4Address way, Ipv4Address shared, ForwardedPorts[] wide, TransportPorts[] ours, TransportPorts free)
    {
        var change = _table.Change().ClearChain(Output).ClearChain(Departure)
            .AddRule(Output, new NftRule().MatchOthersDestination().Accept());
        foreach (var protocol in LedPorts.Protocols)
            change.AddRule(Output, new NftRule().MatchProtocol(protocol).MatchDestinationEndpointIn(Endpoints(protocol)).Lead(way));
        foreach (var (range, on) in wide.Where(range => range.On is not null))
            change.AddRule(Output, LedPorts.OfHost(LedPorts.To(range).MatchDestination(on!.Value)).Accept())
                .AddRule(Output, LedPorts.To(range).MatchDestination(on!.Value).Lead(way));
        change.AddRule(Output, new NftRule().MatchDestination(s_loopback).MatchOtherDestination(Ipv4Address.Loopback).Accept());
        LedPorts.AddRules(change, Output, wide, rule => rule.Lead(way));
        var (first, last) = ((ushort)free.First, (ushort)free.Last);
        foreach (var range in LedPorts.Protocols.SelectMany(protocol => TransportPorts.Merge(ours, protocol)).Where(_ => free.Count > 0))
            change.AddRule(Departure, From(range).MatchSource(s_loopback).ComeFrom(shared, first, last))
                .AddRule(Departure, From(range).ComeFrom(null, first, last));
        return change.AddRule(Departure, new NftRule().MatchWayOut(_tap).MatchSource(s_loopback).ComeFrom(shared));
    }

    private void Commit(NftChange change)
    {
        try
        {
            _table.Commit(change);
        }
        catch (SystemCallException e) when (e.ErrorNumber is Errno.ENOENT or Errno.EOPNOTSUPP)
        {
            throw new SystemCallException(e.Call, e.ErrorNumber, e.Subject,
                "the kernel has no NAT in nf_tables: modprobe -a nft_chain_nat nft_fib_ipv4, or CONFIG_NFT_NAT and CONFIG_NFT_FIB_IPV4");
        }
    }

    private NftRule From(TransportPorts range) => new NftRule().MatchWayOut(_tap)
        .MatchProtocol(range.Protocol).MatchSourcePorts((ushort)range.First, (ushort)range.Last);

    private static string Endpoints(byte protocol) => LedPorts.Name(protocol) + "-at";
}
