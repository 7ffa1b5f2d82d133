using SoftSwitch.Config.Checks;
using SoftSwitch.Forwarding.Services.Dns;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dns;

namespace SoftSwitch.State.Networks;

/// <summary>What a network's server of DNS knows of itself, from the model: its gateway, what <c>hosts</c> says, and the ports and
/// reservations that have an address there. Who stands there first has the name.</summary>
internal static class DnsScopes
{
    private static readonly Ipv4Address s_localhost = new(0x7F000001);

    /// <param name="network">With <see cref="NetworkModel.Dns"/>.</param>
    /// <param name="model">What runs.</param>
    /// <returns>Null: it has no gateway yet.</returns>
    public static DnsScope? Of(NetworkModel network, SwitchModel model)
    {
        if (network is not { Dns: { } dns, Subnet: { } subnet, Gateway: { } gateway, DomainOfGuests: var domain })
            return null;
        var ports = model.Ports.Where(port => port.Network == network.Name).ToList();
        var suffixes = ((string[])["", network.Name, domain]).Distinct().ToArray();
        var scope = new DnsScope
        {
            Server = gateway,
            Subnet = subnet,
            Domain = Name(domain),
            Suffixes = [.. suffixes.Select(Name)],
            Ports = [.. ports.Select(port => port.Name)],
        };
        Give(DnsCheck.Gateway, gateway);
        Give(DnsCheck.Localhost, s_localhost);
        foreach (var host in dns.Hosts)
            Give(host.Name, host.Address);
        foreach (var port in ports.OfType<InterfaceModel>())
        {
            if (port.Address is { } address)
                Give(port.Name, address.Address);
        }
        foreach (var reservation in network.Dhcp?.Reservations ?? [])
        {
            if (reservation.Name is { } name)
                Give(name, reservation.Address);
            foreach (var port in ports.Where(port => port.Mac == reservation.Mac))
                Give(port.Name, reservation.Address);
        }
        return scope;

        void Give(string name, Ipv4Address address)
        {
            var isWord = !name.Contains('.', StringComparison.Ordinal);
            foreach (var suffix in isWord ? suffixes : [""])
                scope.Names.TryAdd(new(Name(suffix.Length == 0 ? name : $"{name}.{suffix}").Span), [address]);
            scope.Addresses.TryAdd(address, Name(isWord ? $"{name}.{domain}" : name));
        }
    }

    private static ReadOnlyMemory<byte> Name(string text)
    {
        var name = new byte[DnsName.MaximumSize];
        return name.AsMemory(0, DnsName.Write(text, name));
    }
}
