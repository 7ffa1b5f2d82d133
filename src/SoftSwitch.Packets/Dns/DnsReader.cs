using System.Buffers.Binary;

namespace SoftSwitch.Packets.Dns;

/// <summary>
/// Goes through a DNS message from its beginning (RFC 1035, 4.1): first its questions, then its records.
/// <code>
///   header │ questions │ answers │ authorities │ additionals
/// </code>
/// All counts and lengths are a stranger's: what the message hasn't room for can't be read, and nothing behind it.
/// </summary>
public ref struct DnsReader
{
    private const int QuestionSize = 4;

    private readonly ReadOnlySpan<byte> _message;
    private int _at = DnsHeader.Size;

    /// <param name="message">At least as long as a header.</param>
    public DnsReader(ReadOnlySpan<byte> message)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(message.Length, DnsHeader.Size);
        _message = message;
    }

    public readonly ushort Id => Field(DnsHeader.IdOffset);

    public readonly ushort Flags => Field(DnsHeader.FlagsOffset);

    public readonly bool IsResponse => (Flags & DnsHeader.Response) != 0;

    /// <summary>It asks for what it names, and for nothing else that one can ask a server for.</summary>
    public readonly bool IsQuery => (Flags & DnsHeader.OperationMask) == 0;

    public readonly DnsCode Code => (DnsCode)(Flags & DnsHeader.CodeMask);

    public readonly int Questions => Field(DnsHeader.QuestionsOffset);

    public readonly int Answers => Field(DnsHeader.AnswersOffset);

    public readonly int Authorities => Field(DnsHeader.AuthoritiesOffset);

    public readonly int Additionals => Field(DnsHeader.AdditionalsOffset);

    /// <summary>Where what wasn't read yet begins.</summary>
    public readonly int Position => _at;

    /// <summary>Reads the next question.</summary>
    /// <param name="name">Room for a name.</param>
    public bool TryRead(Span<byte> name, out DnsQuestion question)
    {
        question = default;
        var length = DnsName.Read(_message, ref _at, name);
        if (length == 0 || _message.Length - _at < QuestionSize)
            return false;
        question = new(name[..length], Field(_at), Field(_at + sizeof(ushort)));
        _at += QuestionSize;
        return true;
    }

    /// <summary>Reads the next record.</summary>
    /// <inheritdoc cref="TryRead(Span{byte}, out DnsQuestion)"/>
    public bool TryRead(Span<byte> name, out DnsRecord record)
    {
        record = default;
        var length = DnsName.Read(_message, ref _at, name);
        if (length == 0 || _message.Length - _at < DnsRecord.HeaderSize)
            return false;
        var header = _message.Slice(_at, DnsRecord.HeaderSize);
        int data = BinaryPrimitives.ReadUInt16BigEndian(header[8..]);
        _at += DnsRecord.HeaderSize;
        if (_message.Length - _at < data)
            return false;
        record = new()
        {
            Name = name[..length],
            Type = BinaryPrimitives.ReadUInt16BigEndian(header),
            Class = BinaryPrimitives.ReadUInt16BigEndian(header[2..]),
            Ttl = BinaryPrimitives.ReadUInt32BigEndian(header[DnsRecord.TtlOffset..]),
            DataOffset = _at,
            Data = _message.Slice(_at, data),
        };
        _at += data;
        return true;
    }

    private readonly ushort Field(int offset) => BinaryPrimitives.ReadUInt16BigEndian(_message[offset..]);
}
