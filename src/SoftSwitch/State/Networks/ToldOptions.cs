using System.Buffers.Binary;
using System.Text;
using SoftSwitch.Forwarding.Services.Dhcp;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;

namespace SoftSwitch.State.Networks;

/// <summary>What a network tells its guests by DHCP beside their address: what they need most comes first, for a message may be too short
/// for all of it.</summary>
internal static class ToldOptions
{
    /// <summary>The MTU of Ethernet, which no guest must be told.</summary>
    private const int UsualMtu = 1500;

    /// <param name="network">With <see cref="NetworkModel.Dhcp"/>.</param>
    /// <param name="subnet">Its.</param>
    /// <param name="server">Who serves there, with addresses and names.</param>
    public static IEnumerable<DhcpOptionValue> Of(NetworkModel network, Ipv4Subnet subnet, Ipv4Address server)
    {
        var dhcp = network.Dhcp!;
        var router = RouterOf(network);
        if (router is { } gateway)
            yield return new(DhcpOption.Router, Bytes(gateway));
        // Who takes these passes over the router above (RFC 3442).
        if (dhcp.Routes.Count > 0)
            yield return new(DhcpOption.ClasslessRoutes, DhcpRoutes.Write(Routes(dhcp, router)));
        if (ResolversOf(network, server) is [_, ..] resolvers)
            yield return new(DhcpOption.DomainNameServer, Bytes(resolvers));
        if (DomainOf(network) is { } domain)
            yield return new(DhcpOption.DomainName, Encoding.ASCII.GetBytes(domain));
        if (dhcp.Search.Count > 0)
            yield return new(DhcpOption.DomainSearch, DhcpSearchList.Write(dhcp.Search));
        yield return new(DhcpOption.BroadcastAddress, Bytes(subnet.Broadcast));
        if (network.Mtu != UsualMtu)
            yield return new(DhcpOption.InterfaceMtu, Bytes((ushort)network.Mtu));
        if (dhcp.Ntp.Count > 0)
            yield return new(DhcpOption.NtpServers, Bytes([.. dhcp.Ntp]));
        if (dhcp.NextServer is { } next)
            yield return new(DhcpOption.TftpServerName, Encoding.ASCII.GetBytes($"{next}"));
        if (dhcp.FileName is { } file)
            yield return new(DhcpOption.BootFileName, Encoding.ASCII.GetBytes(file));
        foreach (var option in dhcp.Options)
            yield return new((byte)option.Number, option.Value.AsSpan().ToArray());
    }

    private static Ipv4Address? RouterOf(NetworkModel network) =>
        network.Dhcp!.Router ?? (network.Mode == NetworkMode.Nat && network.Dhcp.TellsGateway ? network.Gateway : null);

    private static IEnumerable<(Ipv4Subnet, Ipv4Address)> Routes(DhcpModel dhcp, Ipv4Address? router)
    {
        foreach (var route in dhcp.Routes)
            yield return (route.To, route.Router);
        if (router is { } way)
            yield return (default, way);
    }

    private static Ipv4Address[] ResolversOf(NetworkModel network, Ipv4Address server) =>
        network.Dhcp!.Dns.Count > 0 ? [.. network.Dhcp.Dns] : network.Dns is not null ? [server] : [];

    private static string? DomainOf(NetworkModel network) =>
        network.Dns is not null ? network.DomainOfGuests : network.Dhcp!.Domain;

    private static byte[] Bytes(params ReadOnlySpan<Ipv4Address> addresses)
    {
        var bytes = new byte[addresses.Length * Ipv4Address.Size];
        for (var i = 0; i < addresses.Length; i++)
            addresses[i].Write(bytes.AsSpan(i * Ipv4Address.Size));
        return bytes;
    }

    private static byte[] Bytes(ushort value)
    {
        var bytes = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        return bytes;
    }
}
