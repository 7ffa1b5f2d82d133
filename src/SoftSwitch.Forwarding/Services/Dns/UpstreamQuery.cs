using System.Buffers.Binary;
using SoftSwitch.Packets.Dns;

namespace SoftSwitch.Forwarding.Services.Dns;

/// <summary>
/// A question as one server is asked it. Only who has seen it can answer it (RFC 5452): the answer has its number and its name, and each
/// letter of the name is small or capital at random. An old server that answers in small letters, or that doesn't know EDNS, is asked a
/// second time without both.
/// </summary>
public sealed class UpstreamQuery
{
    /// <summary>Bytes of chance: the number, and a bit for each letter of a name.</summary>
    public const int ChanceBytes = sizeof(ushort) + (DnsName.MaximumSize + 7) / 8;

    private readonly DnsWaiters _question;
    private readonly byte[] _name;
    private readonly ushort _id;
    private readonly bool _isPlain;

    /// <param name="question">What is wanted.</param>
    /// <param name="chance"><see cref="ChanceBytes"/> that nobody can foresee.</param>
    /// <param name="isPlain">For old servers.</param>
    public UpstreamQuery(DnsWaiters question, ReadOnlySpan<byte> chance, bool isPlain)
    {
        (_question, _isPlain, _name) = (question, isPlain, question.Name.ToArray());
        _id = BinaryPrimitives.ReadUInt16BigEndian(chance);
        for (var i = 0; i < _name.Length && !isPlain; i++)
        {
            if (char.IsAsciiLetterLower((char)_name[i]) && (chance[sizeof(ushort) + i / 8] >> i % 8 & 1) != 0)
                _name[i] = (byte)char.ToUpperInvariant((char)_name[i]);
        }
    }

    /// <summary>Writes it.</summary>
    /// <param name="message">At least <see cref="DnsHeader.EveryoneTakes"/> bytes.</param>
    /// <returns>Its length.</returns>
    public int Write(Span<byte> message)
    {
        var flags = DnsHeader.RecursionDesired | (_question.SkipsChecks ? DnsHeader.CheckingDisabled : 0);
        var writer = new DnsWriter(message, _id, (ushort)flags);
        writer.TryAsk(_name, _question.Type);
        if (!_isPlain)
            new DnsExtension(DnsExtension.PassesEverywhere, 0, 0, _question.WantsSecurity).TryWrite(ref writer);
        return writer.Length;
    }

    /// <summary>Looks whether a message is the answer.</summary>
    public UpstreamVerdict Judge(ReadOnlySpan<byte> message)
    {
        if (message.Length < DnsHeader.Size)
            return UpstreamVerdict.IsNotIt;
        Span<byte> name = stackalloc byte[DnsName.MaximumSize];
        scoped var reader = new DnsReader(message);
        if (!reader.IsResponse || !reader.IsQuery || reader.Id != _id)
            return UpstreamVerdict.IsNotIt;
        // One that can't read the question may leave it out; that is all it can say so.
        if (reader.Questions == 0 && reader.Code is DnsCode.FormatError or DnsCode.NotImplemented)
            return UpstreamVerdict.IsRefusal;
        if (reader.Questions != 1 || !reader.TryRead(name, out DnsQuestion question) || !question.Name.SequenceEqual(_name)
            || question.Type != _question.Type || question.Class != DnsQuestion.Internet)
            return UpstreamVerdict.IsNotIt;
        if ((reader.Flags & DnsHeader.Truncated) != 0)
            return UpstreamVerdict.IsCut;
        return reader.Code is DnsCode.NoError or DnsCode.NameError && !HasMoreCode(reader)
            ? UpstreamVerdict.IsAnswer : UpstreamVerdict.IsRefusal;
    }

    /// <summary>An error that the header has no room for (RFC 6891, 6.1.3).</summary>
    private static bool HasMoreCode(scoped DnsReader reader)
    {
        Span<byte> name = stackalloc byte[DnsName.MaximumSize];
        for (var left = reader.Answers + reader.Authorities + reader.Additionals; left > 0; left--)
        {
            if (!reader.TryRead(name, out DnsRecord record))
                return true;
            if (record.Type == DnsType.Opt)
                return DnsExtension.Of(record).CodeBits != 0;
        }
        return false;
    }
}
