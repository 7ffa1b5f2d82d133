using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace SoftSwitch.Packets;

/// <summary>
/// What a change of some fields does to a checksum over them (RFC 1624, equation 3): HC' = ~(~HC + ~m + m'), with ~m + m' made beforehand.
/// A partial checksum (NEEDS_CSUM) is the pseudo-header's sum, not complemented and without the ports: it takes the addresses' change
/// alone, by <see cref="AddTo"/>.
/// </summary>
public readonly struct ChecksumDelta
{
    /// <param name="value">The ones' complement sum ~m + m'.</param>
    public ChecksumDelta(ushort value) => Value = value;

    /// <summary>The ones' complement sum ~m + m', as a number whose high octet comes first on the wire.</summary>
    public ushort Value { get; }

    /// <summary>The change the other way round.</summary>
    public ChecksumDelta Reverse => new((ushort)~Value);

    /// <summary>For a word that lies at an even offset.</summary>
    public static ChecksumDelta Of(ushort before, ushort after) => new(Fold((uint)(ushort)~before + after));

    /// <summary>For an address that lies at an even offset.</summary>
    public static ChecksumDelta Of(Ipv4Address before, Ipv4Address after)
    {
        uint old = ~before.Value, value = after.Value;
        return new(Fold((old >> 16) + (old & 0xFFFF) + (value >> 16) + (value & 0xFFFF)));
    }

    /// <summary>Both changes together.</summary>
    public static ChecksumDelta operator +(ChecksumDelta left, ChecksumDelta right) => new(Fold((uint)left.Value + right.Value));

    /// <summary>The checksum after the change.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ushort Apply(ushort checksum) => (ushort)~Fold((uint)(ushort)~checksum + Value);

    /// <summary>Changes the checksum of IPv4, TCP or ICMP in place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ApplyTo(Span<byte> field) =>
        BinaryPrimitives.WriteUInt16BigEndian(field, Apply(BinaryPrimitives.ReadUInt16BigEndian(field)));

    /// <summary>Changes the checksum of UDP in place: none (0) stays none, and a computed 0 is sent as its other form (RFC 768).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ApplyToUdp(Span<byte> field)
    {
        var before = BinaryPrimitives.ReadUInt16BigEndian(field);
        if (before == 0)
            return;
        var after = Apply(before);
        BinaryPrimitives.WriteUInt16BigEndian(field, InternetChecksum.InUdp(after));
    }

    /// <summary>Changes a sum that is not complemented, as a partial checksum holds it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddTo(Span<byte> field) =>
        BinaryPrimitives.WriteUInt16BigEndian(field, Fold((uint)BinaryPrimitives.ReadUInt16BigEndian(field) + Value));

    private static ushort Fold(uint sum)
    {
        sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)((sum & 0xFFFF) + (sum >> 16));
    }
}
