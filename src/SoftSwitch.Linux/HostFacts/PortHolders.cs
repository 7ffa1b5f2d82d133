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
    public static SystemCallException Refusal(ForwardedPort port) =>
        new("bind", Errno.EADDRINUSE, $"forward {port}", Cure(port, HostPorts.Holders(port.Port)));

    private static string Cure(ForwardedPort port, IReadOnlyList<PortHolder> all)
    {
        // In the way of a forward for one address are only those who have the port there, or at all.
        PortHolder[] holders = [.. all.Where(holder => port.On is not { } on || (holder.Address ?? on) == on)];
        var owner = holders.Select(holder => holder.Owner).OfType<string>().FirstOrDefault();
        if (port.On is null && holders.Length > 0 && Array.TrueForAll(holders, holder => holder.Address is not null)
            && OwnBeside(holders) is { } free)
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
    private static Ipv4Address? OwnBeside(PortHolder[] holders)
    {
        try
        {
            using var links = new Links();
            var host = HostIpv4.Read(links);
            var first = host.DefaultRoute() is { } route ? host.AddressOf(route.Interface)?.Address : null;
            return host.Addresses.Where(own => own.IsGlobal).Select(own => own.Address).OrderByDescending(own => own == first)
                .Select(own => (Ipv4Address?)own).FirstOrDefault(own => !Array.Exists(holders, holder => holder.Address == own));
        }
        catch (SystemCallException)
        {
            return null;
        }
    }
}
