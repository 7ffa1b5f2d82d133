namespace SoftSwitch.Packets.Dns;

/// <summary>
/// What the sender of a message can do (EDNS, RFC 6891): a record of type <see cref="DnsType.Opt"/> whose fields say something else than
/// those of others.
/// <code>
///   name: the root │ class: bytes in UDP │ TTL: code's high bits, version, flags │ data: options
/// </code>
/// </summary>
/// <param name="Size">Bytes of a message in UDP that it takes.</param>
/// <param name="CodeBits">The bits of the <see cref="DnsCode"/> above those in the header.</param>
/// <param name="Version">Of EDNS: 0 is all there is.</param>
/// <param name="WantsSecurity">Signatures are wanted (RFC 3225).</param>
public readonly record struct DnsExtension(ushort Size, byte CodeBits, byte Version, bool WantsSecurity)
{
    /// <summary>Bytes of the record where it has no options.</summary>
    public const int RecordSize = 1 + DnsRecord.HeaderSize;

    /// <summary>Bytes of a message in UDP that pass nearly everywhere in one piece (DNS flag day 2020).</summary>
    public const int PassesEverywhere = 1232;

    private const uint SecurityBit = 0x8000;

    /// <summary>Reads it from its record.</summary>
    public static DnsExtension Of(in DnsRecord record) =>
        new(record.Class, (byte)(record.Ttl >> 24), (byte)(record.Ttl >> 16), (record.Ttl & SecurityBit) != 0);

    /// <summary>Writes its record, without options.</summary>
    public bool TryWrite(ref DnsWriter writer) => writer.TryAdd(DnsHeader.AdditionalsOffset, "\0"u8, DnsType.Opt,
        (uint)(CodeBits << 24 | Version << 16) | (WantsSecurity ? SecurityBit : 0), [], Size);
}
