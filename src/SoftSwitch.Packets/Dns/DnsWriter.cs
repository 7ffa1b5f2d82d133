using System.Buffers.Binary;

namespace SoftSwitch.Packets.Dns;

/// <summary>Writes a DNS message: its question first, then records. A name that ends as the question does is written as a pointer there
/// (RFC 1035, 4.1.4); no other is. A record that has no room is not written, and nothing of it.</summary>
public ref struct DnsWriter
{
    private const ushort PointerBits = 0xC000;

    private readonly Span<byte> _message;
    private int _nameEnd = DnsHeader.Size;

    /// <param name="message">As long as the message may be, at least a header.</param>
    /// <param name="id">Of the question.</param>
    /// <param name="flags">As in <see cref="DnsHeader"/>.</param>
    public DnsWriter(Span<byte> message, ushort id, ushort flags)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(message.Length, DnsHeader.Size);
        _message = message;
        message[..DnsHeader.Size].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(message[DnsHeader.IdOffset..], id);
        BinaryPrimitives.WriteUInt16BigEndian(message[DnsHeader.FlagsOffset..], flags);
        Length = DnsHeader.Size;
    }

    /// <summary>Bytes that are written.</summary>
    public int Length { get; private set; }

    /// <summary>Writes the question, once and before all records.</summary>
    public bool TryAsk(scoped ReadOnlySpan<byte> name, ushort type, ushort @class = DnsQuestion.Internet)
    {
        if (_message.Length - Length < name.Length + 2 * sizeof(ushort))
            return false;
        name.CopyTo(_message[Length..]);
        Length += name.Length;
        _nameEnd = Length;
        Write(type);
        Write(@class);
        Count(DnsHeader.QuestionsOffset);
        return true;
    }

    /// <summary>Writes a record.</summary>
    /// <param name="section">Which of the header's counts has it, such as <see cref="DnsHeader.AnswersOffset"/>: in their order.</param>
    /// <param name="name">Without pointers.</param>
    /// <param name="ttl">Seconds.</param>
    /// <param name="data">As they are: names in them have no pointers.</param>
    public bool TryAdd(
        int section, scoped ReadOnlySpan<byte> name, ushort type, uint ttl, scoped ReadOnlySpan<byte> data,
        ushort @class = DnsQuestion.Internet)
    {
        var (kept, pointer) = Shorten(name);
        var size = kept + (pointer == 0 ? 0 : sizeof(ushort)) + DnsRecord.HeaderSize + data.Length;
        if (_message.Length - Length < size)
            return false;
        name[..kept].CopyTo(_message[Length..]);
        Length += kept;
        if (pointer != 0)
            Write((ushort)(PointerBits | pointer));
        Write(type);
        Write(@class);
        BinaryPrimitives.WriteUInt32BigEndian(_message[Length..], ttl);
        Length += sizeof(uint);
        Write((ushort)data.Length);
        data.CopyTo(_message[Length..]);
        Length += data.Length;
        Count(section);
        return true;
    }

    /// <summary>Says something else than at first, such as that the rest had no room.</summary>
    public readonly void SetFlags(ushort flags) => BinaryPrimitives.WriteUInt16BigEndian(_message[DnsHeader.FlagsOffset..], flags);

    /// <summary>How much of a name stands for itself, and where its end stands already; 0: nowhere.</summary>
    private readonly (int Kept, int Pointer) Shorten(scoped ReadOnlySpan<byte> name)
    {
        var question = _message[DnsHeader.Size.._nameEnd];
        for (var kept = 0; kept < name.Length - 1; kept += 1 + name[kept])
        {
            for (var at = 0; at < question.Length - 1; at += 1 + question[at])
            {
                // Letter by letter: a pointer to another case would change the name.
                if (question[at..].SequenceEqual(name[kept..]))
                    return (kept, DnsHeader.Size + at);
            }
        }
        return (name.Length, 0);
    }

    private void Write(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_message[Length..], value);
        Length += sizeof(ushort);
    }

    private readonly void Count(int section)
    {
        var count = _message[section..];
        BinaryPrimitives.WriteUInt16BigEndian(count, (ushort)(BinaryPrimitives.ReadUInt16BigEndian(count) + 1));
    }
}
