using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace SoftSwitch.Forwarding.Images;

/// <summary>Reads what an <see cref="ImageWriter"/> has written. What isn't there can't be read, whatever stands in front of it.</summary>
/// <param name="bytes">All of it.</param>
public sealed class ImageReader(ReadOnlyMemory<byte> bytes)
{
    /// <summary>Letters of a text at most, in bytes.</summary>
    private const int LongestText = 4096;

    private ReadOnlyMemory<byte> _rest = bytes;

    /// <summary>Bytes that are left.</summary>
    public int Left => _rest.Length;

    /// <summary>The next value.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public T Read<T>() where T : unmanaged => MemoryMarshal.Read<T>(Take(Unsafe.SizeOf<T>()));

    /// <summary>The next text.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public string ReadText()
    {
        var length = Read<int>();
        return length is >= 0 and <= LongestText ? Encoding.UTF8.GetString(Take(length)) : throw Broken();
    }

    /// <summary>The next bytes.</summary>
    /// <exception cref="InvalidDataException">There are none.</exception>
    public byte[] ReadBytes() => Take(ReadCount(1)).ToArray();

    /// <summary>How many follow, each of so many bytes at least.</summary>
    /// <exception cref="InvalidDataException">There can't be so many.</exception>
    public int ReadCount(int size)
    {
        var count = Read<int>();
        return count >= 0 && (long)count * size <= Left ? count : throw Broken();
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length)
            throw Broken();
        var taken = _rest.Span[..length];
        _rest = _rest[length..];
        return taken;
    }

    private static InvalidDataException Broken() => new("what was left isn't whole");
}
