using System.Buffers.Binary;

namespace SoftSwitch.Packets.Dns;

/// <summary>Writes a DNS message: its question first, then records. A name that ends as the question does, or as the alias that was written
/// last, is written as a pointer there (RFC 1035, 4.1.4); no other is. A record that has no room is not written, and nothing of
/// it.</summary>
public ref struct DnsWriter
{
    private const ushort PointerBits = 0xC000;

    /// <summary>A pointer leads no further.</summary>
    private const int FurthestPlace = 0x3FFF;

    private readonly Span<byte> _message;
    private Range _question, _alias;

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

    private DnsWriter(Span<byte> message, int length)
    {
        _message = message;
        Length = length;
    }

    /// <summary>Bytes that are written.</summary>
    public int Length { get; private set; }

    /// <summary>Goes on behind what another has written, in more room; names are written in full.</summary>
    public static DnsWriter Continue(Span<byte> message, int length) => new(message, length);

    /// <summary>Writes the question, once and before all records.</summary>
    public bool TryAsk(scoped ReadOnlySpan<byte> name, ushort type, ushort @class = DnsQuestion.Internet)
    {
        if (_message.Length - Length < name.Length + 2 * sizeof(ushort))
            return false;
        name.CopyTo(_message[Length..]);
        _question = Length..(Length + name.Length);
        Length += name.Length;
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
        if (type == DnsType.Cname)
            _alias = Length..(Length + data.Length);
        Length += data.Length;
        Count(section);
        return true;
    }

    /// <summary>Takes over all records of another message to the same question, whatever letters that has there: names that point to it
    /// have those that it has here.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="from">Where its records begin: just as far as is written here.</param>
    /// <returns>False: they have no room, and nothing is written.</returns>
    public bool TryTake(scoped ReadOnlySpan<byte> message, int from)
    {
        if (from != Length || !message[from..].TryCopyTo(_message[Length..]))
            return false;
        message[DnsHeader.AnswersOffset..DnsHeader.Size].CopyTo(_message[DnsHeader.AnswersOffset..]);
        Length = message.Length;
        return true;
    }

    /// <summary>Says something else than at first, such as that the rest had no room.</summary>
    public readonly void SetFlags(ushort flags) => BinaryPrimitives.WriteUInt16BigEndian(_message[DnsHeader.FlagsOffset..], flags);

    /// <summary>How much of a name stands for itself, and where its end stands already; 0: nowhere.</summary>
    private readonly (int Kept, int Pointer) Shorten(scoped ReadOnlySpan<byte> name)
    {
        var best = Shorten(name, _question);
        var other = Shorten(name, _alias);
        return other.Kept < best.Kept ? other : best;
    }

    private readonly (int Kept, int Pointer) Shorten(scoped ReadOnlySpan<byte> name, Range place)
    {
        var there = _message[place];
        for (var kept = 0; kept < name.Length - 1; kept += 1 + name[kept])
        {
            for (var at = 0; at < there.Length - 1 && place.Start.Value + at <= FurthestPlace; at += 1 + there[at])
            {
                // Letter by letter: a pointer to another case would change the name.
                if (there[at..].SequenceEqual(name[kept..]))
                    return (kept, place.Start.Value + at);
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
