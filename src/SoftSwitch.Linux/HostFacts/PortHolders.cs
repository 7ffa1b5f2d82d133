using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.HostFacts;

/// <summary>Says who has a port that a forward is to have, where, and what can be done about it.</summary>
internal static class PortHolders
{
    /// <summary>Addresses that a line names.</summary>
    private const int MostNamed = 3;

    /// <summary>Why a forward can't have its port: it is asked when the kernel has said so.</summary>
    /// <param name="port">The port.</param>
    /// <param name="host">What is known of the host, for many ports at once: it may have a million routes. Null: it can't be told.</param>
    public static SystemCallException Refusal(ForwardedPort port, Lazy<HostIpv4?> host) =>
        new("bind", Errno.EADDRINUSE, $"forward {port}", Cure(port, HostPorts.Holders(port.Port), host));

    /// <summary>Reads it; null: the kernel refused.</summary>
    public static HostIpv4? ReadHost()
    {
        try
        {
            using var links = new Links();
            return HostIpv4.Read(links);
        }
        catch (SystemCallException)
        {
            return null;
        }
    }

    private static string Cure(ForwardedPort port, IReadOnlyList<PortHolder> all, Lazy<HostIpv4?> host)
    {
        // In the way of a forward for one address are only those who have the port there, or at all.
        PortHolder[] holders = [.. all.Where(holder => port.On is not { } on || (holder.Address ?? on) == on)];
        var owner = holders.Select(holder => holder.Owner).OfType<string>().FirstOrDefault();
        if (port.On is null && holders.Length > 0 && Array.TrueForAll(holders, holder => holder.Address is not null)
            && OwnBeside(holders, host.Value) is { } free)
            return $"{owner ?? "another program"} on the host has {Places(holders, port.Port.Port)}: write \"on: {free}\" in the forward, "
                + "so that it is for that address only, or end that, or forward another port";
        var option = port.Port.Protocol == IpProtocol.Tcp ? 't' : 'u';
        return owner is null ? $"another program on the host has the port, see: ss -Hanp{option} sport = :{port.Port.Port}"
            : $"{owner} on the host has the port: end that, or forward another port";
    }

    private static string Places(PortHolder[] holders, int port)
    {
        Ipv4Address[] addresses = [.. holders.Select(holder => holder.Address).OfType<Ipv4Address>().Distinct().Order()];
        return string.Join(", ", addresses.Take(MostNamed).Select(address => $"{address}:{port}"))
            + (addresses.Length > MostNamed ? $" and {addresses.Length - MostNamed} more" : "");
    }

    /// <summary>The host's address toward the world, or else another of its own, at which none of these has the port; null: there is
    /// none, or it can't be told.</summary>
    private static Ipv4Address? OwnBeside(PortHolder[] holders, HostIpv4? host)
    {
        if (host is null)
            return null;
        var first = host.DefaultRoute() is { } route ? host.AddressOf(route.Interface)?.Address : null;
        return host.Addresses.Where(own => own.IsGlobal).Select(own => own.Address).OrderByDescending(own => own == first)
            .Select(own => (Ipv4Address?)own).FirstOrDefault(own => !Array.Exists(holders, holder => holder.Address == own));
    }
}
