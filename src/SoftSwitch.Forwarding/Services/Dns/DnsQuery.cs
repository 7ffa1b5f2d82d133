using System.Buffers.Binary;
using SoftSwitch.Packets.Dns;

namespace SoftSwitch.Forwarding.Services.Dns;

/// <summary>
/// What a guest asks, read once from its message (RFC 1035, 4.1; RFC 6891). What it wants to know is in a <see cref="Key"/>: guests that
/// want to know the same have the same one, however they write the name.
/// </summary>
internal readonly ref struct DnsQuery
{
    /// <summary>Of a key's last byte: signatures are wanted; they aren't to be verified.</summary>
    public const byte WantsSecurity = 1, SkipsChecks = 2;

    /// <summary>Records of a question: one says what the guest can do, one may sign it; all are read.</summary>
    private const int MostRecords = 8;

    private DnsQuery(ushort id, ushort flags, ReadOnlySpan<byte> key, DnsQuestion question, DnsExtension? extension)
    {
        (Id, Flags, Extension) = (id, flags, extension);
        Key = key;
        Question = question;
    }

    public ushort Id { get; }

    public ushort Flags { get; }

    /// <summary>The name in small letters, the type, and <see cref="WantsSecurity"/> and <see cref="SkipsChecks"/>.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>The name has the letters that the guest has written.</summary>
    public DnsQuestion Question { get; }

    /// <summary>What the guest can do; null: no more than RFC 1035 says.</summary>
    public DnsExtension? Extension { get; }

    /// <summary>The name in small letters.</summary>
    public ReadOnlySpan<byte> Name => Key[..Question.Name.Length];

    /// <summary>Somebody else may be asked for it.</summary>
    public bool MayAsk => (Flags & DnsHeader.RecursionDesired) != 0;

    public DnsAsker Asker(bool isStream) => new(Id, Flags, Extension, isStream);

    /// <summary>Reads it.</summary>
    /// <param name="message">At least a header, without the flag of an answer.</param>
    /// <param name="room">At least <see cref="DnsKey.MostBytes"/>, and then as many for the name.</param>
    /// <returns>What the guest is told where it can't be answered; else no error.</returns>
    public static DnsCode Read(ReadOnlySpan<byte> message, Span<byte> room, out DnsQuery query)
    {
        var reader = new DnsReader(message);
        query = new(reader.Id, reader.Flags, default, default, null);
        if (!reader.IsQuery)
            return DnsCode.NotImplemented;
        var key = room[..DnsKey.MostBytes];
        if (reader.Questions != 1 || !reader.TryRead(room[DnsKey.MostBytes..], out DnsQuestion question))
            return DnsCode.FormatError;
        query = new(reader.Id, reader.Flags, default, question, null);
        if (!TryReadExtension(reader, out var extension))
            return DnsCode.FormatError;
        question.Name.CopyTo(key);
        DnsName.ToLower(key[..question.Name.Length]);
        BinaryPrimitives.WriteUInt16BigEndian(key[question.Name.Length..], question.Type);
        var length = question.Name.Length + sizeof(ushort) + 1;
        key[length - 1] = (byte)((extension is { WantsSecurity: true } ? WantsSecurity : 0)
            | ((reader.Flags & DnsHeader.CheckingDisabled) != 0 ? SkipsChecks : 0));
        query = new(reader.Id, reader.Flags, key[..length], question, extension);
        return IsServed(question) ? DnsCode.NoError : DnsCode.Refused;
    }

    /// <summary>Of the classes only the Internet is known; zones are transferred to nobody, and no record has a type that is only asked
    /// for.</summary>
    private static bool IsServed(in DnsQuestion question) => question.Class == DnsQuestion.Internet
        && question.Type is not (0 or DnsType.Opt) && question.Type is < DnsType.FirstOfQuestions or >= DnsType.Any;

    /// <summary>False: there is more than one, or it isn't the root's, or something can't be read, or there is too much of it.</summary>
    private static bool TryReadExtension(scoped DnsReader reader, out DnsExtension? extension)
    {
        extension = null;
        Span<byte> name = stackalloc byte[DnsName.MaximumSize];
        var records = reader.Answers + reader.Authorities + reader.Additionals;
        for (var left = records; left > 0; left--)
        {
            if (records > MostRecords || !reader.TryRead(name, out DnsRecord record))
                return false;
            if (record.Type != DnsType.Opt)
                continue;
            if (extension is not null || record.Name.Length != 1)
                return false;
            extension = DnsExtension.Of(record);
        }
        return true;
    }
}
