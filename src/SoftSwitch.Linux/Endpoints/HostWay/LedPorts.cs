using SoftSwitch.Linux.Nftables;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Endpoints.HostWay;

/// <summary>The ports that a table of ours leads the host's own packets to forwards from, at all of its addresses: sets of the table, and
/// rules about them. Used by the control loop alone.</summary>
internal sealed class LedPorts
{
    /// <summary>The set of UDP ports that the host has sockets at.</summary>
    private const string HostsPorts = "host-udp";

    public static readonly IReadOnlyList<byte> Protocols = [IpProtocol.Tcp, IpProtocol.Udp];

    private readonly Dictionary<byte, NftMembers> _ports;
    private readonly NftMembers _hosts;

    /// <param name="table">It has the sets of <see cref="AddSets"/> already.</param>
    public LedPorts(NftTable table)
    {
        _ports = Protocols.ToDictionary(protocol => protocol, protocol => new NftMembers(table, Name(protocol)));
        _hosts = new(table, HostsPorts);
    }

    /// <summary>The name of the set of a protocol's ports.</summary>
    public static string Name(byte protocol) => protocol == IpProtocol.Tcp ? "forwarded-tcp" : "forwarded-udp";

    public static NftChange AddSets(NftChange change)
    {
        change.AddSet(HostsPorts, NftKey.Port);
        foreach (var protocol in Protocols)
            change.AddSet(Name(protocol), NftKey.Port);
        return change;
    }

    /// <summary>Adds the rules for all ports that are led at all addresses.</summary>
    /// <param name="wide">The wide ranges of forwards.</param>
    /// <param name="lead">Ends a rule: there it goes.</param>
    public static NftChange AddRules(
        NftChange change, string chain, IEnumerable<ForwardedPorts> wide, Func<NftRule, NftRule> lead)
    {
        foreach (var protocol in Protocols)
            change.AddRule(chain, lead(new NftRule().MatchProtocol(protocol).MatchDestinationPortIn(Name(protocol))));
        foreach (var range in TransportPorts.Merge(wide.Where(range => range.On is null).Select(range => range.Ports), IpProtocol.Udp))
            change.AddRule(chain, OfHost(To(range)).Accept()).AddRule(chain, lead(To(range)));
        return change;
    }

    /// <summary>What goes to ports of a range.</summary>
    public static NftRule To(TransportPorts range) =>
        new NftRule().MatchProtocol(range.Protocol).MatchDestinationPorts((ushort)range.First, (ushort)range.Last);

    /// <summary>Of that, what goes to a port that the host has a socket at.</summary>
    public static NftRule OfHost(NftRule rule) => rule.MatchDestinationPortIn(HostsPorts);

    /// <summary>Leads exactly these from now on, but for the wide ones. What stays isn't touched.</summary>
    /// <exception cref="SystemCallException">The kernel refused; some may be led and others not.</exception>
    public void Exchange(IReadOnlyCollection<ForwardedPorts> forwards)
    {
        foreach (var (protocol, members) in _ports)
            members.Exchange(Narrow(forwards, protocol).Where(port => port.On is null)
                .Select(port => (NftElement)(ushort)port.Port.Port).ToHashSet());
    }

    /// <summary>The ports of a protocol, but for those of wide ranges.</summary>
    public static IEnumerable<ForwardedPort> Narrow(IEnumerable<ForwardedPorts> forwards, byte protocol) => forwards
        .Where(range => range.Ports.Protocol == protocol && !range.Ports.IsWide).SelectMany(range => range.Each());

    /// <summary>Says which ports of wide ranges the host has sockets at.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Except(IReadOnlySet<TransportPort> host) => _hosts.Exchange(
        host.Where(port => port.Protocol == IpProtocol.Udp).Select(port => (NftElement)(ushort)port.Port).ToHashSet());
}
