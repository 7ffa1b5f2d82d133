using System.Globalization;
using System.Text;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using static SoftSwitch.Config.Rows.PlainScalars;

namespace SoftSwitch.Config.Rows;

/// <summary>The types of the configuration language that are about DHCP. Values of options are in <see cref="OptionValues"/>.</summary>
internal static class DhcpScalars
{
    /// <summary>Letters of the field of a boot file, which a zero ends (RFC 2131, 2).</summary>
    private const int LongestFileName = 127;

    /// <summary>Letters of a client's identifier, before which a byte may stand (RFC 2132, 9.14).</summary>
    private const int LongestClient = 64;

    /// <summary>Options that another key says, with what to write.</summary>
    private static readonly Dictionary<int, string> s_keys = new()
    {
        [1] = "subnet: 10.10.0.0/24 in the network",
        [3] = "router: 10.10.0.1",
        [6] = "dns: [192.0.2.53]",
        [12] = "name: web in a reservation",
        [15] = "domain: dev.example",
        [26] = "mtu: 1400 in the network",
        [28] = "subnet: 10.10.0.0/24 in the network",
        [42] = "ntp: [192.0.2.123]",
        [51] = "lease: 12h",
        [58] = "lease: 12h",
        [59] = "lease: 12h",
        [66] = "next-server: 10.10.0.5",
        [67] = "filename: pxelinux.0",
        [119] = "search: [dev.example]",
        [121] = "routes: { 10.20.0.0/16: 10.10.0.2 }",
    };

    /// <summary>Options by which clients, relays and servers speak of an exchange itself: RFC 2132, 9; a commit at once (RFC 4039), a
    /// client's full name (RFC 4702), what a relay says (RFC 3046), leases that are asked for (RFC 4388), a subnet (RFC 3011).</summary>
    private static readonly HashSet<int> s_ofServer = [50, 52, 53, 54, 55, 56, 57, 61, 80, 81, 82, 91, 92, 118];

    public static ScalarType<string> Client { get; } = new(
        "a client's identifier: its bytes, such as \"01:52:54:00:00:00:01\", or 1 to 64 visible letters without ':'", ParseClient);

    public static ScalarType<string> FileName { get; } =
        new("a file's name or a URL: 1 to 127 visible letters of ASCII", (string text, out string value) =>
            (value = text).Length is > 0 and <= LongestFileName && text.All(IsVisible));

    /// <summary>Where a route leads beside the default one.</summary>
    public static ScalarType<string> RouteTo { get; } =
        new("a subnet such as 10.20.0.0/16, with a prefix of 1 to 32", (string text, out string value) =>
            Ipv4Subnet.TryParse(value = text, out var subnet) && subnet.PrefixLength > 0)
        { Cure = CureOfRoute };

    /// <summary>An option that is told as the file says it.</summary>
    public static ScalarType<string> OptionNumber { get; } =
        new("the number of an option, 1 to 254, that neither another key says nor the server by itself", (string text, out string value) =>
            ParseNumber(value = text, 1, 254, out var number) && !s_keys.ContainsKey(number) && !s_ofServer.Contains(number))
        { Cure = text => ParseNumber(text, 1, 254, out var number) ? s_keys.GetValueOrDefault(number) : null };

    public static ScalarType<OptionModel> OptionValue { get; } = new(OptionValues.Expected, OptionValues.Parse)
    {
        Format = option => option.Text,
        Cure = OptionValues.Cure,
    };

    /// <summary>Of a text that is <see cref="RouteTo"/>.</summary>
    public static Ipv4Subnet SubnetOf(string text) => Ipv4Subnet.TryParse(text, out var subnet) ? subnet : default;

    /// <summary>Of a text that is <see cref="OptionNumber"/>.</summary>
    public static int NumberOf(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>The identifiers that <see cref="Client"/> stands for: clients that are given a text say it alone, or as what is no hardware
    /// address, behind a 0.</summary>
    public static IEnumerable<byte[]> IdentifiersOf(string client)
    {
        if (client.Contains(':', StringComparison.Ordinal))
            return [Convert.FromHexString(client.Replace(":", "", StringComparison.Ordinal))];
        var text = Encoding.ASCII.GetBytes(client);
        return [text, [0, .. text]];
    }

    /// <summary>Reads bytes as they are written of a MAC address, two digits each and colons between.</summary>
    public static bool TryReadHex(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = new byte[(text.Length + 1) / 3];
        if (bytes.Length == 0 || text.Length % 3 != 2)
            return false;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (!byte.TryParse(text.Slice(3 * i, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[i])
                || (i > 0 && text[3 * i - 1] != ':'))
                return false;
        }
        return true;
    }

    public static string WriteHex(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        foreach (var value in bytes)
            text.Append(text.Length > 0 ? ":" : "").Append(CultureInfo.InvariantCulture, $"{value:x2}");
        return text.ToString();
    }

    private static bool ParseClient(string text, out string value)
    {
        value = text;
        if (!text.Contains(':', StringComparison.Ordinal))
            return text.Length is > 0 and <= LongestClient && text.All(IsVisible);
        if (!TryReadHex(text, out var bytes) || bytes.Length is < 2 or > byte.MaxValue)
            return false;
        value = WriteHex(bytes);
        return true;
    }

    private static string? CureOfRoute(string text) =>
        !Ipv4Subnet.TryParsePrefix(text, out var address, out var prefix) ? null
        : prefix == 0 ? "router: 10.10.0.1 for the default route"
        : $"{Ipv4Subnet.Containing(address, prefix)}";

    private static bool IsVisible(char letter) => letter is > ' ' and < (char)127;
}
