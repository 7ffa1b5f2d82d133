using System.Globalization;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Outside;

/// <summary>
/// The ports that the kernel chooses for the host's own connections (ip_local_port_range less ip_local_reserved_ports,
/// Documentation/networking/ip-sysctl.rst). Where a pool overlaps them, both choose from the same: the pool gives way port by port, but a warning at start is due.
/// </summary>
public static class EphemeralPorts
{
    /// <summary>What to tell about a pool on this host; null: nothing.</summary>
    public static string? Warning(TransportPorts pool)
    {
        try
        {
            return Warning(pool, File.ReadAllText("/proc/sys/net/ipv4/ip_local_port_range"), File.ReadAllText("/proc/sys/net/ipv4/ip_local_reserved_ports"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    internal static string? Warning(TransportPorts pool, string range, string reserved)
    {
        if (Parse(range.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)) is not { } ephemeral)
            return null;
        var (first, last) = (int.Max(pool.First, ephemeral.First), int.Min(pool.Last, ephemeral.Last));
        if (first > last)
            return null;
        var spared = TransportPorts.Merge(reserved.Split([',', '\n'], StringSplitOptions.RemoveEmptyEntries)
            .Select(part => Parse(part.Trim().Split('-'))).OfType<TransportPorts>(), IpProtocol.Tcp);
        if (spared.Any(part => part.First <= first && part.Last >= last))
            return null;
        return $"ports {pool.First}-{pool.Last}: the host takes {first}-{last} for connections of its own "
            + $"(sysctl net.ipv4.ip_local_reserved_ports={first}-{last} keeps it from that, beside what stands there already)";
    }

    /// <summary>One number, or two.</summary>
    private static TransportPorts? Parse(string[] ends) =>
        ends.Length is 1 or 2
        && ushort.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
        && ushort.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            ? new TransportPorts(IpProtocol.Tcp, first, last) : null;
}
