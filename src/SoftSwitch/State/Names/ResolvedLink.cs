using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State.Names;

/// <summary>An interface of the host's by which it is to ask for a network's names, as systemd-resolved is told.</summary>
/// <param name="Network">Its name.</param>
/// <param name="Index">The host's interface there.</param>
/// <param name="Server">Who is asked.</param>
/// <param name="Domain">For names below it.</param>
/// <param name="Subnet">And for its addresses.</param>
internal sealed record ResolvedLink(string Network, int Index, Ipv4Address Server, string Domain, Ipv4Subnet Subnet)
{
    private const int OfByte = 8;

    /// <summary>The zones that are asked for there: the domain, and that of the subnet's addresses where it is one zone (RFC 1035,
    /// 3.5).</summary>
    public IEnumerable<string> Zones => Subnet.PrefixLength is > 0 and <= 3 * OfByte && Subnet.PrefixLength % OfByte == 0
        ? [Domain, $"{string.Join('.', Subnet.Address.ToString().Split('.')[..(Subnet.PrefixLength / OfByte)].Reverse())}.in-addr.arpa"]
        : [Domain];

    /// <summary>Those of a model whose interfaces are there.</summary>
    /// <param name="networks">Those that tell names.</param>
    /// <param name="ports">All ports.</param>
    public static IEnumerable<ResolvedLink> Of(SwitchModel model, IReadOnlyList<NamedNetwork> networks, IReadOnlyList<PortState> ports)
    {
        foreach (var network in model.Networks)
        {
            if (network is not { Dns.TellsHost: true, Subnet: { } subnet }
                || networks.FirstOrDefault(one => one.Name == network.Name) is not { Server.Scope.Server: var server })
                continue;
            var port = ports.FirstOrDefault(port => port.Model is InterfaceModel { IsOfHost: true } one && one.Network == network.Name);
            if (port is { Port: not null, Endpoint: InterfaceEndpoint { Index: > 0 } made })
                yield return new(network.Name, made.Index, server, network.DomainOfGuests, subnet);
        }
    }
}
