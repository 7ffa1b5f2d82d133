namespace SoftSwitch.Packets.Dns;

/// <summary>A record of a message (RFC 1035, 4.1.3).</summary>
public readonly ref struct DnsRecord
{
    /// <summary>Bytes behind its name and before its data.</summary>
    public const int HeaderSize = 10;

    /// <summary>Where among these the TTL stands.</summary>
    public const int TtlOffset = 4;

    /// <summary>As it stands in the message, without pointers.</summary>
    public ReadOnlySpan<byte> Name { get; init; }

    public ushort Type { get; init; }

    public ushort Class { get; init; }

    /// <summary>Seconds for which it may be kept; of <see cref="DnsType.Opt"/> something else.</summary>
    public uint Ttl { get; init; }

    /// <summary>Where its data begin in the message: names in them may be pointers.</summary>
    public int DataOffset { get; init; }

    public ReadOnlySpan<byte> Data { get; init; }
}
