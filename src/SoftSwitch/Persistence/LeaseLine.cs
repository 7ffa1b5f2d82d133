using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using SoftSwitch.Config.Rows;
using SoftSwitch.Forwarding.Services.Dhcp;
using SoftSwitch.Packets;

namespace SoftSwitch.Persistence;

/// <summary>
/// A lease as a line of the state file:
/// <code>
///   network address port mac client until state name
///
///   client: hexadecimal; until: seconds since 1970; state: bound or kept; name: what the client calls itself, if it does
/// </code>
/// </summary>
internal sealed record LeaseLine(
    string Network, Ipv4Address Address, string Port, MacAddress Mac, DhcpClient Client, DateTimeOffset Until, bool IsBound,
    string? HostName = null)
{
    private const string Bound = "bound", Kept = "kept";

    private const int MostWords = 8;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Network} {Address} {Port} {Mac} {Client} {long.Max(Until.ToUnixTimeSeconds(), 0)} {(IsBound ? Bound : Kept)}")
        + (HostName is null ? "" : $" {HostName}");

    public static bool TryParse(string line, [NotNullWhen(true)] out LeaseLine? lease)
    {
        lease = null;
        if (line.Split(' ') is not [var network, var ip, var port, var hardware, var client, var time, var state, ..] words
            || state is not (Bound or Kept) || words.Length > MostWords
            || (words.Length == MostWords && !Scalars.HostName.Parse(words[^1], out _))
            || !Scalars.Name.Parse(network, out _) || !Scalars.Name.Parse(port, out _)
            || !Ipv4Address.TryParse(ip, out var address) || !MacAddress.TryParse(hardware, out var mac)
            || client.Length is 0 or > 2 * DhcpClient.MostBytes || client.Length % 2 != 0 || !client.All(char.IsAsciiHexDigit)
            || !long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
            return false;
        lease = new(network, address, port, mac, new(Convert.FromHexString(client)), DateTimeOffset.FromUnixTimeSeconds(seconds),
            state == Bound, words.Length == MostWords ? words[^1] : null);
        return true;
    }
}
