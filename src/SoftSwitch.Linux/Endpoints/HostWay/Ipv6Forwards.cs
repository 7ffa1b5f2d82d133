using System.Security.Cryptography;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Nftables;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Endpoints.HostWay;

/// <summary>
/// Leads what the host itself sends to forwards at ::1 onto the way to the host, as <see cref="HostForwards"/> does for its IPv4 addresses.
/// A forward that is for one address isn't for ::1. The rest is <see cref="Forwarding.Bridging.Ipv6Clients"/>'s.
/// <code>
///   out         to anybody else than ::1                              as it is
///               to the port of a forward                              to the way's address, same port
///               to a port of a wide range where the host has a socket as it is
///               to a port of a wide range                             to the way's address, same port
///   departure   by the way                                            from the clients' address
///   forged      by another interface, from the way's address          dropped
///   arrival     by the way, once it is translated back, to another    dropped
///               address than ::1
/// </code>
/// Neither address is the host's, on any interface: what comes by the way for the clients is the host's only as an answer to one of them.
/// That is what the last line says, or a host that forwards IPv6 would send it on. The line before is <see cref="WayGuard"/>'s.
/// <para>The table goes with the process. Used by the control loop alone. Needs CAP_NET_ADMIN.</para>
/// </summary>
public sealed class Ipv6Forwards : IDisposable
{
    /// <summary>NF_IP6_PRI_NAT_DST and NF_IP6_PRI_NAT_SRC, behind and before others, as for IPv4.</summary>
    private const int BehindOthers = -99, BeforeOthers = 99;

    private const string Output = "output", Departure = "departure", Arrival = "arrival", Forged = "forged";

    private static readonly Ipv6Address s_localhost = new(1);

    private readonly string _tap;
    private readonly bool _goesOn;
    private readonly NetworkNamespace? _inside;
    private readonly NftTable _table;
    private readonly LedPorts _ports;
    private (Ipv6Address Way, Ipv6Address Clients, ForwardedPorts[] Wide)? _rules;

    /// <summary>Makes the table; it leaves everything as it is until <see cref="Lead"/>.</summary>
    /// <param name="tap">The way's interface.</param>
    /// <param name="inside">The namespace; null: the calling thread's.</param>
    /// <param name="goesOn">The program before this one has led in this process: its connections stay.</param>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public Ipv6Forwards(string tap, NetworkNamespace? inside = null, bool goesOn = false)
    {
        (_tap, _inside, _goesOn) = (tap, inside, goesOn);
        _table = new($"softswitch-{tap}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}", inside, NftFamily.Ipv6);
        try
        {
            Commit(LedPorts.AddSets(_table.Change())
                .AddNatChain(Output, NftStackHook.Output, BehindOthers)
                .AddNatChain(Departure, NftStackHook.Departure, BeforeOthers)
                .AddChain(Forged, NftStackHook.Arrival, WayGuard.BeforeConnections)
                .AddChain(Arrival, NftStackHook.Arrival, BehindOthers));
        }
        catch
        {
            _table.Dispose();
            throw;
        }
        _ports = new(_table);
    }

    /// <summary>Leads exactly these from now on. What stays isn't touched.</summary>
    /// <param name="way">The way's address.</param>
    /// <param name="clients">That of the host's programs there.</param>
    /// <param name="forwards">What is forwarded.</param>
    /// <exception cref="SystemCallException">The kernel refused; some may be led and others not.</exception>
    public void Lead(Ipv6Address way, Ipv6Address clients, IReadOnlyCollection<ForwardedPorts> forwards)
    {
        _ports.Exchange(forwards);
        ForwardedPorts[] wide = [.. forwards.Where(range => range.Ports.IsWide)];
        if (_rules is { } now && (now.Way, now.Clients) == (way, clients) && now.Wide.SequenceEqual(wide))
            return;
        // Of a run that was killed.
        if (_rules is null && !_goesOn)
            LedConnections.Forget(way, _inside);
        var change = _table.Change().ClearChain(Output).ClearChain(Departure).ClearChain(Forged).ClearChain(Arrival)
            .AddRule(Output, new NftRule().MatchOtherDestination(s_localhost).Accept());
        Commit(LedPorts.AddRules(change, Output, wide, rule => rule.Lead(way))
            .AddRule(Departure, new NftRule().MatchWayOut(_tap).ComeFrom(clients))
            .AddRule(Forged, new NftRule().MatchOtherInterface(_tap).MatchSource(way).Drop())
            .AddRule(Arrival, new NftRule().MatchInterface(_tap).MatchOtherDestination(s_localhost).Drop()));
        _rules = (way, clients, wide);
    }

    /// <inheritdoc cref="HostForwards.Except"/>
    public void Except(IReadOnlySet<TransportPort> host) => _ports.Except(host);

    /// <inheritdoc cref="HostForwards.Hold"/>
    public void Hold(Inheritance heir) => _table.Hold(heir);

    /// <inheritdoc cref="HostForwards.Dispose"/>
    public void Dispose()
    {
        _table.Dispose();
        if (_rules is { } led)
            LedConnections.Forget(led.Way, _inside);
    }

    private void Commit(NftChange change)
    {
        try
        {
            _table.Commit(change);
        }
        catch (SystemCallException e) when (e.ErrorNumber is Errno.ENOENT or Errno.EOPNOTSUPP)
        {
            throw new SystemCallException(
                e.Call, e.ErrorNumber, e.Subject, "the kernel has no NAT of IPv6 in nf_tables: modprobe nft_chain_nat, or CONFIG_NFT_NAT");
        }
    }
}
