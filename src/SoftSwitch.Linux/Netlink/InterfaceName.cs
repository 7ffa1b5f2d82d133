using System.Text;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Netlink;

/// <summary>What the kernel takes for an interface's name (dev_valid_name in net/core/dev.c).</summary>
public static class InterfaceName
{
    /// <summary>Bytes of UTF-8 (IFNAMSIZ less the zero at the end).</summary>
    public const int MaxLength = If.IFNAMSIZ - 1;

    /// <summary>What is wrong with a name, in one line; null: nothing.</summary>
    public static string? Mistake(string name)
    {
        if (name.Length == 0)
            return "an interface needs a name";
        if (Encoding.UTF8.GetByteCount(name) is var bytes && bytes > MaxLength)
            return $"'{name}' is too long for an interface's name: {bytes} bytes, and Linux takes at most {MaxLength}";
        // The kernel fills in a number for %d; a name from a file means what it says.
        if (name is "." or ".." || name.AsSpan().ContainsAny("/:%\0") || name.Any(char.IsWhiteSpace) || name.Any(char.IsControl))
            return $"'{name}' can't be an interface's name: no spaces, '/', ':' or '%'";
        return null;
    }

    /// <exception cref="ArgumentException">With <see cref="Mistake"/> as its message.</exception>
    public static void Check(string name)
    {
        if (Mistake(name) is { } mistake)
            throw new ArgumentException(mistake);
    }
}
