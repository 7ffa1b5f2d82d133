using SoftSwitch.Model;
using SoftSwitch.Packets;
using static SoftSwitch.Config.Rows.PlainScalars;

namespace SoftSwitch.Config.Rows;

/// <summary>The types of the configuration language that are about the ports of TCP and UDP.</summary>
internal static class PortScalars
{
    public static ScalarType<PortPool> PortPool { get; } = new("a range of ports, the lower one first, such as 16384-29999", ParsePortPool);

    public static ScalarType<TransportPorts> ForwardFrom { get; } =
        new("a protocol with a port or a range of ports, such as tcp/2222 or udp/5000-5010", ParseForwardFrom);

    public static ScalarType<ForwardTarget> ForwardTo { get; } =
        new("a name or an address, with or without a port, such as \"web:22\" or 10.10.0.20", ParseForwardTo);

    private static bool ParsePortPool(string text, out PortPool value)
    {
        var isRange = text.Contains('-') & ParsePorts(text, out var first, out var last);
        value = new(first, last);
        return isRange;
    }

    /// <summary>A port, or two with a hyphen between them.</summary>
    private static bool ParsePorts(ReadOnlySpan<char> text, out int first, out int last)
    {
        var hyphen = text.IndexOf('-');
        last = 0;
        if (!ParseNumber(hyphen < 0 ? text : text[..hyphen], 1, 65535, out first))
            return false;
        last = first;
        return hyphen < 0 || (ParseNumber(text[(hyphen + 1)..], 1, 65535, out last) && first <= last);
    }

    private static bool ParseForwardFrom(string text, out TransportPorts value)
    {
        value = default;
        var slash = text.IndexOf('/');
        if (slash < 0 || text[..slash] is not ("tcp" or "udp"))
            return false;
        var isRange = ParsePorts(text.AsSpan(slash + 1), out var first, out var last);
        value = new(text[..slash] == "tcp" ? IpProtocol.Tcp : IpProtocol.Udp, first, last);
        return isRange;
    }

    private static bool ParseForwardTo(string text, out ForwardTarget value)
    {
        var colon = text.IndexOf(':');
        var host = colon < 0 ? text : text[..colon];
        int? port = null;
        value = default;
        if (colon >= 0)
        {
            if (!ParseNumber(text.AsSpan(colon + 1), 1, 65535, out var number))
                return false;
            port = number;
        }
        value = new(host, port);
        return Scalars.Address.Takes(host) || Scalars.HostName.Takes(host) || Scalars.Name.Takes(host);
    }
}
