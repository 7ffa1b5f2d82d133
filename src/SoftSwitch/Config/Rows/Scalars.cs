using SoftSwitch.Model;
using SoftSwitch.Packets;
using static SoftSwitch.Config.Rows.PlainScalars;

namespace SoftSwitch.Config.Rows;

/// <summary>The types of the configuration language that are about networks. Those about the machine are in
/// <see cref="HostScalars"/>, those of ports in <see cref="PortScalars"/>, numbers and words in <see cref="PlainScalars"/>.</summary>
internal static class Scalars
{
    public const int LongestName = 15;

    /// <summary>A name of DNS has 253 characters with a host name of 63 before it (RFC 1035, 3.1).</summary>
    private const int LongestDomain = 189;

    public static ScalarType<string> Name { get; } =
        new("a name: 1 to 15 characters of a-z, 0-9 and '-', the first a letter or digit", ParseName);

    public static ScalarType<string> HostName { get; } =
        new("a host name: 1 to 63 characters of a-z, 0-9 and '-', none of these at either end", ParseHostName);

    /// <summary>A name of DNS, short enough for a host name before it.</summary>
    public static ScalarType<string> DomainName { get; } = new(
        "a name such as db or dev.example: words of a-z, 0-9 and '-' with dots between, none longer than 63 characters, 189 in all",
        ParseDomainName);

    public static ScalarType<MacAddress> Mac { get; } = new("a MAC address of one station, such as \"52:54:00:12:34:56\"", ParseMac);

    public static ScalarType<Ipv4Address> Address { get; } = new("an IPv4 address such as 10.10.0.1", ParseAddress);

    public static ScalarType<Ipv4Subnet> Subnet { get; } = new(
        "an IPv4 subnet such as 10.10.0.0/24, with a prefix of 8 to 30 (nat: 16 to 30)", ParseSubnet) { Cure = SubnetOf };

    public static ScalarType<PortAddress> PortAddress { get; } =
        new("auto, or an IPv4 address of one station with its prefix length, such as 10.10.0.9/24", ParsePortAddress);

    public static ScalarType<PortGateway> PortGateway { get; } = new("auto, no, or an IPv4 address such as 10.10.0.1", ParsePortGateway);

    public static ScalarType<AddressRange> Range { get; } =
        new("a range of IPv4 addresses, the lower one first, such as 10.10.0.50-10.10.0.200", ParseRange);

    /// <summary>Where a translation is seen: the host's address, one that DHCP gives, or one of its own.</summary>
    public static ScalarType<OutsideAddress> OutsideAddress { get; } =
        new("host, dhcp, or an address of its own such as 192.0.2.10/24", ParseOutsideAddress);

    /// <summary>A DNS server of the host's choice, so a loopback address too; null: as the host does.</summary>
    public static ScalarType<Ipv4Address?> Resolver { get; } =
        new("auto, or the IPv4 address of a DNS server", ParseResolver) { Format = value => value?.ToString() ?? "auto" };

    /// <summary>From the least an IPv4 link must carry (RFC 791) to what the kernel's taps and rings take.</summary>
    public static ScalarType<int> Mtu { get; } = Integer(68, 65535);

    private static bool ParseName(string text, out string value)
    {
        value = text;
        // A hyphen first would be an option of every command that takes the name.
        return text.Length is > 0 and <= LongestName && text.All(IsNameCharacter) && text[0] != '-';
    }

    private static bool ParseHostName(string text, out string value)
    {
        value = text;
        return text.Length is > 0 and <= 63 && text.All(IsNameCharacter) && text[0] != '-' && text[^1] != '-';
    }

    private static bool ParseDomainName(string text, out string value)
    {
        value = text;
        return text.Length <= LongestDomain && text.Split('.').All(word => ParseHostName(word, out _));
    }

    private static bool IsNameCharacter(char character) =>
        char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-';

    private static bool ParseMac(string text, out MacAddress value) =>
        MacAddress.TryParse(text, out value) && !value.IsMulticast && !value.IsZero;

    /// <summary>An address that a station can have: not of this-network, loopback, multicast or reserved space (RFC 6890).</summary>
    private static bool ParseAddress(string text, out Ipv4Address value) => Ipv4Address.TryParse(text, out value) && IsStation(value);

    private static bool ParseResolver(string text, out Ipv4Address? value)
    {
        value = Ipv4Address.TryParse(text, out var address) && (address.Value >> 24) is > 0 and < 224 ? address : null;
        return value is not null || text == "auto";
    }

    private static bool IsStation(Ipv4Address address) => (address.Value >> 24) is > 0 and not 127 and < 224;

    private static bool ParseSubnet(string text, out Ipv4Subnet value) =>
        Ipv4Subnet.TryParse(text, out value) && value.PrefixLength is >= 8 and <= 30 && IsStation(value.Address);

    /// <summary>The subnet that an address is in; null where it would be refused as well.</summary>
    private static string? SubnetOf(string text) =>
        Ipv4Subnet.TryParsePrefix(text, out var address, out var prefix) && prefix is >= 16 and <= 30 && IsStation(address)
        && Ipv4Subnet.Containing(address, prefix) is var subnet && ParseSubnet(subnet.ToString(), out _) ? subnet.ToString() : null;

    private static bool ParseInterfaceAddress(string text, out InterfaceAddress value)
    {
        value = default;
        if (!Ipv4Subnet.TryParsePrefix(text, out var address, out var prefix) || prefix < 1 || !IsStation(address))
            return false;
        value = new(address, prefix);
        return value.IsStation;
    }

    private static bool ParsePortAddress(string text, out PortAddress value)
    {
        value = ParseInterfaceAddress(text, out var own) ? new(own) : new(null);
        return value.Own is not null || text == Rows.PortAddress.Auto;
    }

    private static bool ParsePortGateway(string text, out PortGateway value)
    {
        value = ParseAddress(text, out var own) ? new(own, true) : new(null, text == Rows.PortGateway.Auto);
        return value.Own is not null || text is Rows.PortGateway.Auto or Rows.PortGateway.No;
    }

    private static bool ParseOutsideAddress(string text, out OutsideAddress value)
    {
        value = ParseInterfaceAddress(text, out var own) ? new(own, false) : new(null, text == "dhcp");
        return value.Own is not null || text is "host" or "dhcp";
    }

    private static bool ParseRange(string text, out AddressRange value)
    {
        value = default;
        var hyphen = text.IndexOf('-');
        if (hyphen < 0 || !ParseAddress(text[..hyphen].Trim(), out var first) || !ParseAddress(text[(hyphen + 1)..].Trim(), out var last))
            return false;
        value = new(first, last);
        return first.Value <= last.Value;
    }
}
