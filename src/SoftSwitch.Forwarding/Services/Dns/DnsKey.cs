using SoftSwitch.Packets.Dns;

namespace SoftSwitch.Forwarding.Services.Dns;

/// <summary>Bytes by which something is found: a name in small letters, and where something is asked for, what.</summary>
public sealed class DnsKey : IEquatable<DnsKey>
{
    /// <summary>Bytes of one at most: a name, and what is asked for.</summary>
    internal const int MostBytes = DnsName.MaximumSize + sizeof(ushort) + 1;

    private readonly byte[] _bytes;

    public DnsKey(ReadOnlySpan<byte> bytes) => _bytes = bytes.ToArray();

    /// <summary>Finds by bytes, without making one.</summary>
    public static IEqualityComparer<DnsKey> Comparer { get; } = new ByBytes();

    public ReadOnlySpan<byte> Bytes => _bytes;

    public bool Equals(DnsKey? other) => other is not null && Bytes.SequenceEqual(other.Bytes);

    public override bool Equals(object? obj) => Equals(obj as DnsKey);

    public override int GetHashCode() => HashOf(_bytes);

    /// <summary>With a seed of the process, as strangers choose them.</summary>
    private static int HashOf(ReadOnlySpan<byte> bytes)
    {
        var hash = new HashCode();
        hash.AddBytes(bytes);
        return hash.ToHashCode();
    }

    private sealed class ByBytes : IEqualityComparer<DnsKey>, IAlternateEqualityComparer<ReadOnlySpan<byte>, DnsKey>
    {
        public bool Equals(DnsKey? x, DnsKey? y) => x is null ? y is null : x.Equals(y);

        public int GetHashCode(DnsKey obj) => obj.GetHashCode();

        public bool Equals(ReadOnlySpan<byte> alternate, DnsKey other) => other.Bytes.SequenceEqual(alternate);

        public int GetHashCode(ReadOnlySpan<byte> alternate) => HashOf(alternate);

        public DnsKey Create(ReadOnlySpan<byte> alternate) => new(alternate);
    }
}
