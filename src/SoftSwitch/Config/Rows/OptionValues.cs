using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Config.Rows;

/// <summary>
/// How the value of an option of DHCP is written: an address or several, or else a type before a value.
/// <code>
///   10.0.0.9                      four bytes
///   10.0.0.9, 10.0.0.10           four for each
///   u8 1   u16 1500   u32 3600    a number of one, two or four
///   text PXEClient                its letters, of ASCII
///   hex 01:ff                     as it is
/// </code>
/// </summary>
internal static class OptionValues
{
    public const string Expected =
        "an address, addresses with commas between, or a type and a value such as u8 1, u16 1500, u32 3600, text PXEClient or hex 01:ff, "
            + "of at most 255 bytes";

    private const string Byte = "u8 ", Short = "u16 ", Long = "u32 ", Text = "text ", Hex = "hex ";

    private static readonly string[] s_types = [Byte, Short, Long, Text, Hex];

    /// <summary>Reads a value; the option's number is put in later.</summary>
    public static bool Parse(string text, out OptionModel value)
    {
        value = new(0, text, []);
        if (Read(text) is not ({ Length: > 0 and <= byte.MaxValue } bytes, var written))
            return false;
        value = new(0, written, [.. bytes]);
        return true;
    }

    /// <summary>What was meant by a value without its type.</summary>
    public static string? Cure(string text)
    {
        if (s_types.Any(type => text.StartsWith(type, StringComparison.Ordinal)) || text.Split(',').Any(IsAddress))
            return null;
        if (PlainScalars.ParseNumber(text, 0, int.MaxValue, out _))
            return $"{Byte}{text}, {Short}{text} or {Long}{text}, whichever the option has";
        return ReadText(text) is { Length: <= byte.MaxValue } ? Text + text : null;
    }

    /// <returns>The bytes, and how they are written; null: it is no value.</returns>
    private static (byte[]? Bytes, string Written) Read(string text)
    {
        foreach (var type in s_types)
        {
            if (!text.StartsWith(type, StringComparison.Ordinal))
                continue;
            var rest = text[type.Length..];
            var bytes = type switch
            {
                Byte => ReadNumber(rest, sizeof(byte)),
                Short => ReadNumber(rest, sizeof(ushort)),
                Long => ReadNumber(rest, sizeof(uint)),
                Text => ReadText(rest),
                _ => DhcpScalars.TryReadHex(rest, out var hex) ? hex : null,
            };
            return (bytes, type == Hex && bytes is not null ? Hex + DhcpScalars.WriteHex(bytes) : text);
        }
        return ReadAddresses(text);
    }

    private static (byte[]?, string) ReadAddresses(string text)
    {
        var words = text.Split(',').Select(word => word.Trim(' ')).ToArray();
        var bytes = new byte[words.Length * Ipv4Address.Size];
        for (var i = 0; i < words.Length; i++)
        {
            if (!Ipv4Address.TryParse(words[i], out var address))
                return (null, text);
            address.Write(bytes.AsSpan(i * Ipv4Address.Size));
        }
        return (bytes, string.Join(", ", words));
    }

    private static bool IsAddress(string word) => Ipv4Address.TryParse(word.Trim(' '), out _);

    private static byte[]? ReadNumber(string text, int size)
    {
        if (!uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || (text.Length > 1 && text[0] == '0'))
            return null;
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return (ulong)number >> 8 * size == 0 ? bytes[^size..] : null;
    }

    private static byte[]? ReadText(string text) =>
        text.All(letter => letter is >= ' ' and < (char)127) && text.Length > 0 && text[0] != ' ' && text[^1] != ' '
            ? Encoding.ASCII.GetBytes(text) : null;
}
