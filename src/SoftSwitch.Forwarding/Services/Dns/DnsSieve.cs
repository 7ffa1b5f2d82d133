using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets.Dns;

namespace SoftSwitch.Forwarding.Services.Dns;

/// <summary>
/// Takes out of a message that answers a question what answers it: the records of the name and the type that were asked for, the aliases
/// that lead there, one after the other, and of what there isn't, the zone that says so (RFC 1035, 4.3.2; RFC 2308). All else that a
/// message says, of other names, of servers, of their addresses, nobody has asked for: it is neither handed on nor kept, or who is asked
/// for one name could say others' addresses.
/// <code>
///   asked: www A    www CNAME a ──► a CNAME b ──► b A 192.0.2.1        evil A 203.0.113.9: left out
/// </code>
/// </summary>
internal ref struct DnsSieve
{
    /// <summary>Aliases of aliases.</summary>
    private const int MostAliases = 16;

    private readonly ReadOnlySpan<byte> _message;
    private readonly Span<byte> _data;
    private readonly DnsQuestion _question;
    private readonly bool _wantsSecurity;
    private DnsWriter _kept;
    private uint _lifetime = DnsAnswer.LongestTime;

    private DnsSieve(ReadOnlySpan<byte> message, DnsQuestion question, bool wantsSecurity, Span<byte> kept, Span<byte> data)
    {
        _data = data;
        _message = message;
        _wantsSecurity = wantsSecurity;
        _question = question;
        var code = (ushort)new DnsReader(message).Code;
        _kept = new(kept, 0, (ushort)(DnsHeader.Response | code));
    }

    /// <summary>Looks through a message.</summary>
    /// <param name="message">It is an answer to the question, without an error.</param>
    /// <param name="question">The question in small letters.</param>
    /// <param name="wantsSecurity">Signatures were asked for.</param>
    /// <param name="room">Room for two of the longest messages.</param>
    /// <returns>Null: it can't be read, or leads round and round.</returns>
    public static DnsAnswer? Read(
        ReadOnlySpan<byte> message, DnsQuestion question, bool wantsSecurity, Span<byte> room, Instant now)
    {
        var kept = room[..DnsHeader.MaximumSize];
        var sieve = new DnsSieve(message, question, wantsSecurity, kept, room[DnsHeader.MaximumSize..]);
        return sieve.TryRead(out var lifetime) ? new(kept[..sieve._kept.Length], lifetime, now) : null;
    }

    private bool TryRead(out uint lifetime)
    {
        lifetime = 0;
        if (!CanBeRead() || !_kept.TryAsk(_question.Name, _question.Type))
            return false;
        Span<byte> name = stackalloc byte[DnsName.MaximumSize], alias = stackalloc byte[DnsName.MaximumSize];
        _question.Name.CopyTo(name);
        var (length, steps) = (_question.Name.Length, 0);
        var found = 0;
        while (true)
        {
            var followed = Keep(name[..length], alias, ref found);
            if (followed < 0 || (followed > 0 && ++steps > MostAliases))
                return false;
            if (followed == 0)
                break;
            alias[..followed].CopyTo(name);
            length = followed;
        }
        if (found == 0 && !KeepZone(name[..length]))
            _lifetime = 0;
        lifetime = _lifetime;
        return true;
    }

    /// <summary>All of it, to its last record.</summary>
    private readonly bool CanBeRead()
    {
        Span<byte> name = stackalloc byte[DnsName.MaximumSize];
        scoped var reader = new DnsReader(_message);
        if (!reader.TryRead(name, out DnsQuestion _))
            return false;
        for (var left = reader.Answers + reader.Authorities + reader.Additionals; left > 0; left--)
        {
            if (!reader.TryRead(name, out DnsRecord _))
                return false;
        }
        return true;
    }

    /// <summary>Keeps what is said of a name that answers the question, or the alias that leads on.</summary>
    /// <param name="alias">Gets the name that it leads to.</param>
    /// <param name="found">Grows by what answers the question.</param>
    /// <returns>The length of the alias; 0: there is none; negative: it can't be read.</returns>
    private int Keep(scoped ReadOnlySpan<byte> name, scoped Span<byte> alias, ref int found)
    {
        Span<byte> owner = stackalloc byte[DnsName.MaximumSize];
        scoped var reader = new DnsReader(_message);
        var (before, length) = (found, 0);
        reader.TryRead(owner, out DnsQuestion _);
        for (var left = reader.Answers; left > 0; left--)
        {
            reader.TryRead(owner, out DnsRecord record);
            if (record.Class != DnsQuestion.Internet || !DnsName.AreEqual(record.Name, name))
                continue;
            var isWanted = record.Type == _question.Type;
            var isAlias = record.Type == DnsType.Cname && !isWanted && length == 0;
            if (!isWanted && !isAlias && !(_wantsSecurity && record.Type == DnsType.Rrsig))
                continue;
            if (!Keep(DnsHeader.AnswersOffset, record, record.Ttl))
                return -1;
            found += isWanted ? 1 : 0;
            if (isAlias && (length = DnsData.Copy(_message, record, alias)) <= 0)
                return -1;
        }
        return found > before ? 0 : length;
    }

    /// <summary>Keeps what the zone of a name says where there is nothing, and the proofs if they are wanted.</summary>
    /// <returns>False: none does. Then nobody knows for how long there is nothing.</returns>
    private bool KeepZone(scoped ReadOnlySpan<byte> name)
    {
        Span<byte> owner = stackalloc byte[DnsName.MaximumSize], zone = stackalloc byte[DnsName.MaximumSize],
            data = stackalloc byte[2 * DnsName.MaximumSize + 20];
        var length = 0;
        for (var pass = 0; pass < 2; pass++)
        {
            scoped var reader = new DnsReader(_message);
            reader.TryRead(owner, out DnsQuestion _);
            for (var left = reader.Answers + reader.Authorities; left > 0; left--)
            {
                reader.TryRead(owner, out DnsRecord record);
                if (left > reader.Authorities || record.Class != DnsQuestion.Internet)
                    continue;
                if (pass == 0 && length == 0 && record.Type == DnsType.Soa && DnsName.IsWithin(name, record.Name))
                {
                    var copied = DnsData.Copy(_message, record, data);
                    if (copied < 0 || !Keep(DnsHeader.AuthoritiesOffset, record,
                        uint.Min(uint.Min(Time(record.Ttl), DnsData.MinimumOf(data[..copied])), DnsAnswer.LongestNothing)))
                        return false;
                    record.Name.CopyTo(zone);
                    length = record.Name.Length;
                }
                else if (pass == 1 && _wantsSecurity && IsProof(record.Type) && DnsName.IsWithin(record.Name, zone[..length]))
                {
                    Keep(DnsHeader.AuthoritiesOffset, record, record.Ttl);
                }
            }
            if (length == 0)
                return false;
        }
        return true;
    }

    private static bool IsProof(ushort type) => type is DnsType.Rrsig or DnsType.Nsec or DnsType.Nsec3;

    private bool Keep(int section, scoped DnsRecord record, uint ttl)
    {
        var length = DnsData.Copy(_message, record, _data);
        ttl = Time(ttl);
        // Upstream the question's letters are of any case; here it is one name, and records point to it: in full they may have no room.
        var owner = DnsName.AreEqual(record.Name, _question.Name) ? _question.Name : record.Name;
        if (length < 0 || !_kept.TryAdd(section, owner, record.Type, ttl, _data[..length]))
            return false;
        _lifetime = uint.Min(_lifetime, ttl);
        return true;
    }

    /// <summary>What would be negative is nothing (RFC 2181, 8).</summary>
    private static uint Time(uint ttl) => ttl > int.MaxValue ? 0 : uint.Min(ttl, DnsAnswer.LongestTime);
}
