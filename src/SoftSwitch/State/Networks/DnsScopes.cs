using SoftSwitch.Addressing;
using SoftSwitch.Config.Checks;
using SoftSwitch.Forwarding.Services.Dns;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dns;

namespace SoftSwitch.State.Networks;

/// <summary>What is known of a network's names, from the model: its gateway, what <c>hosts</c> says, and the ports and reservations that
/// have an address there. Who stands there first has the name.</summary>
internal static class DnsScopes
{
    /// <summary>What guests are told.</summary>
    /// <returns>Null: nobody tells them, or not yet.</returns>
    public static DnsScope? Of(NetworkModel network, SwitchModel model) => network.Dns is null ? null : Known(network, model);

    /// <summary>The same, told or not: lists show it.</summary>
    /// <returns>Null: there is no subnet, or nobody could tell.</returns>
    public static DnsScope? Known(NetworkModel network, SwitchModel model)
    {
        if (network is not { Subnet: { } subnet, DomainOfGuests: var domain } || ServerAddress.Of(network, model) is not { } server)
            return null;
        var ports = model.Ports.Where(port => port.Network == network.Name).ToList();
        var suffixes = ((string[])["", network.Name, domain]).Distinct().ToArray();
        var scope = new DnsScope
        {
            Server = server,
            AsksOthers = ResolversOf(network).Count != 0,
            Subnet = subnet,
            Domain = Name(domain),
            Suffixes = [.. suffixes.Select(Name)],
            Ports = [.. ports.Select(port => port.Name)],
        };
        if (network.Gateway is { } gateway)
            Give(DnsCheck.Gateway, gateway);
        Give(DnsCheck.Localhost, Ipv4Address.Loopback);
        foreach (var host in network.Dns?.Hosts ?? [])
            Give(network.Bare(host.Name), host.Address);
        foreach (var port in ports.OfType<InterfaceModel>())
        {
            if (port.Address is { } address)
                Give(port.Name, address.Address);
        }
        foreach (var reservation in network.Dhcp?.Reservations ?? [])
        {
            if (reservation.Name is { } name)
                Give(name, reservation.Address);
            foreach (var port in ports.Where(port => port.Mac is not null && port.Mac == reservation.Mac))
                Give(port.Name, reservation.Address);
        }
        return scope;

        void Give(string name, Ipv4Address address)
        {
            var isWord = !name.Contains('.', StringComparison.Ordinal);
            var isFirst = false;
            foreach (var suffix in isWord ? suffixes : [""])
                isFirst |= scope.Names.TryAdd(new(Name(suffix.Length == 0 ? name : $"{name}.{suffix}").Span), [address]);
            if (isFirst)
                scope.Given.Add((name, address));
            scope.Addresses.TryAdd(address, Name(isWord ? $"{name}.{domain}" : name));
        }
    }

    /// <summary>Whom a network asks for names that aren't its own, in this order; null in the list: the host's own resolvers. A network
    /// that doesn't lead outside asks those alone that the file names, for a question is a way out as well.</summary>
    public static IReadOnlyList<Ipv4Address?> ResolversOf(NetworkModel network) =>
        network.Dns is { Servers: { Count: > 0 } named } ? named : network is { Mode: NetworkMode.Nat, Dns: not null } ? [null] : [];

    private static ReadOnlyMemory<byte> Name(string text)
    {
        var name = new byte[DnsName.MaximumSize];
        return name.AsMemory(0, DnsName.Write(text, name));
    }
}
