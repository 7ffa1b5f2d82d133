namespace SoftSwitch.Packets.Dns;

/// <summary>What a message asks for (RFC 1035, 4.1.2).</summary>
/// <param name="name">As it stands in the message, without pointers.</param>
public readonly ref struct DnsQuestion(ReadOnlySpan<byte> name, ushort type, ushort @class)
{
    /// <summary>The Internet.</summary>
    public const ushort Internet = 1;

    public ReadOnlySpan<byte> Name { get; } = name;

    public ushort Type => type;

    public ushort Class => @class;
}
