using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SoftSwitch.Packets;

/// <summary>
/// The ones' complement sum of RFC 1071, gathered over pieces that lie apart. Words are added in the host's order, which gives the same
/// sum with its octets swapped (RFC 1071, 2B); a piece that begins at an odd offset adds with its octets swapped (2A).
/// </summary>
public struct InternetChecksum
{
    private ulong _sum;
    private bool _odd;

    /// <summary>Adds the next bytes of the data.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        ulong sum = Fold(SumOf(bytes));
        if (_odd)
            sum = BinaryPrimitives.ReverseEndianness((ushort)sum);
        _sum += sum;
        _odd ^= (bytes.Length & 1) != 0;
    }

    /// <summary>Adds a 16-bit number, such as a length in a pseudo-header. Only at an even offset.</summary>
    public void Add(ushort value) => _sum += BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value;

    /// <summary>The sum itself, not complemented, as a number whose high octet comes first on the wire.</summary>
    public readonly ushort Sum
    {
        get
        {
            var folded = Fold(_sum);
            return BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(folded) : folded;
        }
    }

    /// <summary>The checksum: the complement of <see cref="Sum"/>. Zero over data that carries its right checksum.</summary>
    public readonly ushort Value => (ushort)~Sum;

    /// <summary>UDP sends a computed zero in its other form, all ones (RFC 768). No other protocol does: there it would be a mistake, if
    /// one that adds up (RFC 1624, 3).</summary>
    public static ushort InUdp(ushort computed) => computed == 0 ? (ushort)0xFFFF : computed;

    /// <summary>The checksum of one piece of data.</summary>
    public static ushort Of(ReadOnlySpan<byte> bytes)
    {
        var checksum = new InternetChecksum();
        checksum.Add(bytes);
        return checksum.Value;
    }

    private static ushort Fold(ulong sum)
    {
        sum = (sum & 0xFFFF_FFFF) + (sum >> 32);
        sum = (sum & 0xFFFF_FFFF) + (sum >> 32);
        sum = (sum & 0xFFFF) + (sum >> 16);
        sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)((sum & 0xFFFF) + (sum >> 16));
    }

    private static ulong SumOf(ReadOnlySpan<byte> bytes)
    {
        ref var start = ref MemoryMarshal.GetReference(bytes);
        nuint length = (nuint)bytes.Length, at = 0;
        ulong sum = 0;

        if (Vector256.IsHardwareAccelerated && length >= 64)
        {
            // A 32-bit lane takes 65,537 words of 16 bits before it overflows: frames are shorter than 2 MB by far, but any span may come.
            while (length - at >= 64)
            {
                var low = Vector256<uint>.Zero;
                var high = Vector256<uint>.Zero;
                var stop = at + nuint.Min((length - at) & ~(nuint)63, 1 << 20);
                for (; at < stop; at += 64)
                {
                    var first = Vector256.LoadUnsafe(ref start, at).AsUInt16();
                    var second = Vector256.LoadUnsafe(ref start, at + 32).AsUInt16();
                    var (a, b) = Vector256.Widen(first);
                    var (c, d) = Vector256.Widen(second);
                    low += a + b;
                    high += c + d;
                }
                var (e, f) = Vector256.Widen(low);
                var (g, h) = Vector256.Widen(high);
                sum += Vector256.Sum(e + f + g + h);
            }
        }

        for (; length - at >= 4; at += 4)
            sum += Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, at));
        if (length - at >= 2)
        {
            sum += Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref start, at));
            at += 2;
        }
        if (length > at)
            sum += BitConverter.IsLittleEndian ? Unsafe.Add(ref start, at) : (ulong)Unsafe.Add(ref start, at) << 8;
        return sum;
    }
}
