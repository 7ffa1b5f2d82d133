using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace SoftSwitch.Forwarding.Images;

/// <summary>
/// Writes state for the program that goes on with it: values one behind the other, as they are in memory, for both programs run on one
/// machine. Who reads (<see cref="ImageReader"/>) must know the form; all of it is known by one number, which its users say.
/// <para>Images are large, and one is written each second: their memory is lent, and given back by <see cref="Dispose"/>.</para>
/// </summary>
public sealed class ImageWriter : IDisposable
{
    private const int Least = 4096;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(Least);

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Bytes => Memory.Span;

    /// <summary>The same, for who keeps it: nothing is to be written any more.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, Length);

    /// <summary>Bytes that were written.</summary>
    public int Length { get; private set; }

    /// <summary>Makes room for so many bytes at once.</summary>
    public void Expect(int bytes)
    {
        if (_bytes.Length - Length < bytes)
            Grow(checked(Length + bytes));
    }

    /// <summary>Writes a value.</summary>
    public void Write<T>(in T value) where T : unmanaged
    {
        MemoryMarshal.Write(Room(System.Runtime.CompilerServices.Unsafe.SizeOf<T>()), value);
    }

    /// <summary>Writes a text: its length, and UTF-8.</summary>
    public void Write(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        Write(length);
        Encoding.UTF8.GetBytes(text, Room(length));
    }

    /// <summary>Writes bytes: their number, and all of them.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        Write(bytes.Length);
        bytes.CopyTo(Room(bytes.Length));
    }

    /// <summary>Writes a number that is known only later; <see cref="Set"/> sets it.</summary>
    /// <returns>Its place.</returns>
    public int Reserve()
    {
        Write(0);
        return Length - sizeof(int);
    }

    /// <summary>Sets a number that was reserved.</summary>
    public void Set(int place, int value) => MemoryMarshal.Write(_bytes.AsSpan(place), value);

    /// <summary>What was written is no more.</summary>
    public void Dispose()
    {
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        (_bytes, Length) = ([], 0);
    }

    private Span<byte> Room(int length)
    {
        if (_bytes.Length - Length < length)
            Grow(checked(int.Max(_bytes.Length * 2, Length + length)));
        Length += length;
        return _bytes.AsSpan(Length - length, length);
    }

    private void Grow(int size)
    {
        var larger = ArrayPool<byte>.Shared.Rent(size);
        Bytes.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
