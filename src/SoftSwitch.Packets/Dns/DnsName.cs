using System.Text;

namespace SoftSwitch.Packets.Dns;

/// <summary>
/// A name as it stands in a message (RFC 1035, 3.1): labels, each behind its length, and an empty one at the end.
/// <code>
///   3 w w w 7 e x a m p l e 3 o r g 0
/// </code>
/// In a message, the end of a name may be a pointer to where the same end stands before (4.1.4). Letters of both cases are the same letter
/// (RFC 4343), and are kept as they came.
/// </summary>
public static class DnsName
{
    /// <summary>Bytes of a name, lengths included (3.1).</summary>
    public const int MaximumSize = 255;

    /// <summary>Bytes of a label.</summary>
    public const int MaximumLabel = 63;

    /// <summary>Pointers of one name: nobody writes more than some, and a stranger could have us follow thousands.</summary>
    private const int MostPointers = 16;

    private const byte Pointer = 0xC0;

    /// <summary>Reads a name.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="at">Where it begins; then what follows it.</param>
    /// <param name="name">Gets it, without pointers.</param>
    /// <returns>Its length; 0: it is cut short, too long, or leads elsewhere than back, or on and on.</returns>
    public static int Read(ReadOnlySpan<byte> message, ref int at, Span<byte> name)
    {
        var (from, length, end, before, pointers) = (at, 0, -1, at, 0);
        while ((uint)from < (uint)message.Length)
        {
            int label = message[from];
            if ((label & Pointer) == Pointer)
            {
                if (from + 1 >= message.Length)
                    return 0;
                end = end < 0 ? from + 2 : end;
                // Each leads before the one that led there, so they come to an end.
                from = (label & ~Pointer) << 8 | message[from + 1];
                if (from >= before || ++pointers > MostPointers)
                    return 0;
                before = from;
                continue;
            }
            if (label > MaximumLabel || from + 1 + label > message.Length || length + 1 + label > MaximumSize)
                return 0;
            message.Slice(from, 1 + label).CopyTo(name[length..]);
            length += 1 + label;
            from += 1 + label;
            if (label > 0)
                continue;
            at = end < 0 ? from : end;
            return length;
        }
        return 0;
    }

    /// <summary>Writes a name that people write, such as <c>www.example.org</c>, with a dot at its end or without.</summary>
    /// <param name="name">At least <see cref="MaximumSize"/> bytes.</param>
    /// <returns>Its length; 0: it can't be one.</returns>
    public static int Write(ReadOnlySpan<char> text, Span<byte> name)
    {
        var length = 0;
        if (text is [.., '.'])
            text = text[..^1];
        while (!text.IsEmpty)
        {
            var dot = text.IndexOf('.');
            var label = dot < 0 ? text : text[..dot];
            if (label.Length is 0 or > MaximumLabel || length + label.Length + 2 > MaximumSize || !Ascii.IsValid(label)
                || dot == text.Length - 1)
                return 0;
            name[length++] = (byte)label.Length;
            length += Encoding.ASCII.GetBytes(label, name[length..]);
            text = dot < 0 ? default : text[(dot + 1)..];
        }
        name[length++] = 0;
        return length;
    }

    /// <summary>The same name, whatever case its letters have. Other bytes, which a name may have as well (RFC 2181, 11), are what they
    /// are.</summary>
    public static bool AreEqual(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        if (one.Length != other.Length)
            return false;
        for (var i = 0; i < one.Length; i++)
        {
            if (one[i] != other[i] && ToLower(one[i]) != ToLower(other[i]))
                return false;
        }
        return true;
    }

    /// <summary>A name is another, or below it.</summary>
    public static bool IsWithin(ReadOnlySpan<byte> name, ReadOnlySpan<byte> zone)
    {
        while (name.Length > zone.Length)
            name = name[(1 + name[0])..];
        return AreEqual(name, zone);
    }

    /// <summary>Makes all its letters small: as a key.</summary>
    /// <param name="name">A length is less than any letter, so it stays as it is.</param>
    public static void ToLower(Span<byte> name)
    {
        foreach (ref var letter in name)
            letter = ToLower(letter);
    }

    /// <summary>As people write it, without a dot at its end; what isn't a visible letter of ASCII as <c>\ddd</c> (5.1).</summary>
    public static string ToText(ReadOnlySpan<byte> name)
    {
        var text = new StringBuilder();
        while (name is [> 0, ..])
        {
            if (text.Length > 0)
                text.Append('.');
            foreach (var letter in name.Slice(1, name[0]))
            {
                if (letter is (byte)'.' or (byte)'\\')
                    text.Append('\\').Append((char)letter);
                else if (letter is > (byte)' ' and < 0x7F)
                    text.Append((char)letter);
                else
                    text.Append('\\').Append($"{letter:D3}");
            }
            name = name[(1 + name[0])..];
        }
        return text.Length == 0 ? "." : text.ToString();
    }

    private static byte ToLower(byte letter) => letter is >= (byte)'A' and <= (byte)'Z' ? (byte)(letter | 0x20) : letter;
}
