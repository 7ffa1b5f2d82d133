using System.Globalization;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.HostFacts;

/// <summary>
/// The ports that the kernel chooses for the host's own connections (ip_local_port_range less ip_local_reserved_ports,
/// Documentation/networking/ip-sysctl.rst). Where a pool overlaps them, both choose from the same: the pool gives way port by port, and so
/// does a wide forward for what begins, but a warning at start is due.
/// </summary>
public static class EphemeralPorts
{
    private const string RangeFile = "/proc/sys/net/ipv4/ip_local_port_range", ReservedFile = "/proc/sys/net/ipv4/ip_local_reserved_ports";

    /// <summary>A warning about all pools and forwards on this host. It is one for all, because each setting that it advises replaces the
    /// one before. Null: nothing to warn of.</summary>
    public static string? Warning(IReadOnlyCollection<TransportPorts> ours)
    {
        try
        {
            return Warning(ours, File.ReadAllText(RangeFile), File.ReadAllText(ReservedFile));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The range, and what the kernel leaves out of it; null where that can't be told.</summary>
    internal static (TransportPorts Range, IReadOnlyList<TransportPorts> Reserved)? Read()
    {
        try
        {
            return ParseRange(File.ReadAllText(RangeFile)) is { } range ? (range, ParseReserved(File.ReadAllText(ReservedFile))) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    internal static string? Warning(IReadOnlyCollection<TransportPorts> ours, string range, string reserved)
    {
        if (ParseRange(range) is not { } ephemeral)
            return null;
        // The kernel has one range and one list for all protocols.
        var shared = TransportPorts.Merge(ours.Select(part =>
            new TransportPorts(IpProtocol.Tcp, int.Max(part.First, ephemeral.First), int.Min(part.Last, ephemeral.Last))), IpProtocol.Tcp);
        var spared = ParseReserved(reserved);
        if (shared.All(part => spared.Any(other => other.First <= part.First && other.Last >= part.Last)))
            return null;
        return $"the host takes ports {List(shared)} for connections of its own, and pools or forwards have them too: "
            + $"sysctl net.ipv4.ip_local_reserved_ports={List(TransportPorts.Merge([.. spared, .. shared], IpProtocol.Tcp))} keeps it "
            + "from that";
    }

    private static string List(IEnumerable<TransportPorts> ports) =>
        string.Join(',', ports.Select(part => part.First == part.Last ? $"{part.First}" : $"{part.First}-{part.Last}"));

    private static TransportPorts? ParseRange(string range) => Parse(range.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static IReadOnlyList<TransportPorts> ParseReserved(string reserved) =>
        TransportPorts.Merge(reserved.Split([',', '\n'], StringSplitOptions.RemoveEmptyEntries)
            .Select(part => Parse(part.Trim().Split('-'))).OfType<TransportPorts>(), IpProtocol.Tcp);

    /// <summary>One number, or two.</summary>
    private static TransportPorts? Parse(string[] ends) =>
        ends.Length is 1 or 2
        && ushort.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
        && ushort.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            ? new TransportPorts(IpProtocol.Tcp, first, last) : null;
}
