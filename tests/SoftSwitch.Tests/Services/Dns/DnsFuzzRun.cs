using System.Buffers.Binary;
using SoftSwitch.Forwarding.Services.Dns;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets.Dns;

namespace SoftSwitch.Tests.Services.Dns;

/// <summary>
/// Guests that ask anything, and resolvers that answer anything, cut and bent bytes among it: each goes through all readers, from the
/// question to what the guest is told.
/// <code>
///   question ──► DnsQuery ──► UpstreamQuery ──► answer ──► Judge ──► DnsSieve ──► DnsAnswer ──► DnsReply ──► judged here
/// </code>
/// Of what is told: all of it can be read, it is as long as the guest takes, answers the question in its own letters, and has no record
/// of a name that was neither asked for nor led to.
/// </summary>
internal sealed class DnsFuzzRun(int seed)
{
    private static readonly byte[][] s_names =
    [
        Name("www.example.org"), Name("WWW.Example.Org"), Name("a.example.org"), Name("example.org"), Name("cdn.net"), Name("x"), Name("."),
        Name($"{new string('a', DnsName.MaximumLabel)}.{new string('b', DnsName.MaximumLabel)}.example.org"),
    ];

    private static readonly ushort[] s_types =
    [
        DnsType.A, DnsType.Aaaa, DnsType.Cname, DnsType.Ns, DnsType.Txt, DnsType.Mx, DnsType.Soa, DnsType.Ptr, DnsType.Srv,
        DnsType.Rrsig, DnsType.Nsec, DnsType.Dname,
    ];

    private static readonly Instant s_now = new(1_000_000);

    private readonly Random _random = new(seed);
    private readonly byte[] _asked = new byte[DnsHeader.EveryoneTakes], _told = new byte[4096];
    private readonly byte[] _chance = new byte[UpstreamQuery.ChanceBytes];
    private readonly byte[] _names = new byte[DnsKey.MostBytes + DnsName.MaximumSize], _room = new byte[2 * DnsHeader.MaximumSize];
    private readonly byte[] _reply = new byte[DnsHeader.MaximumSize], _name = new byte[DnsName.MaximumSize];
    private readonly List<byte[]> _led = [];

    /// <summary>Questions that could be read, and answers to these that guests were told.</summary>
    public long Questions { get; private set; }

    public long Answers { get; private set; }

    /// <summary>Answers that had no room, or a part of them.</summary>
    public long Cut { get; private set; }

    /// <summary>Has messages read, and judges what comes of them.</summary>
    /// <exception cref="InvalidDataException">What a guest is told is wrong.</exception>
    public void Run(long messages)
    {
        for (long i = 0; i < messages; i++)
        {
            var (asked, told) = (0, 0);
            try
            {
                asked = Ask();
                One(_asked.AsSpan(0, asked), ref told);
            }
            catch (Exception e)
            {
                throw new InvalidDataException($"{e.Message}; seed {seed}, message {i}: {Convert.ToHexString(_asked.AsSpan(0, asked))}, "
                    + $"answered {Convert.ToHexString(_told.AsSpan(0, told))}", e);
            }
        }
    }

    private void One(ReadOnlySpan<byte> asked, ref int told)
    {
        if (asked.Length < DnsHeader.Size || new DnsReader(asked).IsResponse)
            return;
        var code = DnsQuery.Read(asked, _names, out var query);
        var asker = query.Asker(isStream: _random.Next(2) == 0);
        if (code != DnsCode.NoError || query.Question.Type == DnsType.Any)
        {
            Judge(new DnsReply(_reply, asker, query.Question, code).Finish(), asker, query.Question);
            return;
        }
        Questions++;
        var wanted = new DnsWaiters(new(query.Key));
        _random.NextBytes(_chance);
        var upstream = new UpstreamQuery(wanted, _chance, isPlain: _random.Next(4) == 0);
        told = Answer(upstream);
        var message = _told.AsSpan(0, told);
        if (upstream.Judge(message) != UpstreamVerdict.IsAnswer
            || DnsSieve.Read(message, wanted.Question, wanted.WantsSecurity, _room, s_now) is not { } answer)
            return;
        Answers++;
        var reply = new DnsReply(_reply, asker, query.Question, answer.Code);
        answer.WriteTo(ref reply, s_now + TimeSpan.FromSeconds(_random.Next(100)));
        Judge(reply.Finish(), asker, query.Question);
    }

    private int Ask()
    {
        var writer = new DnsWriter(_asked, (ushort)_random.Next(), (ushort)(_random.Next(8) == 0 ? _random.Next() : 0x0100));
        writer.TryAsk(Any(s_names), Any(s_types));
        if (_random.Next(2) == 0)
        {
            new DnsExtension((ushort)_random.Next(ushort.MaxValue), 0, (byte)(_random.Next(8) == 0 ? 1 : 0), _random.Next(2) == 0)
                .TryWrite(ref writer);
        }
        return Bend(_asked, 0, writer.Length);
    }

    /// <summary>What a resolver says: whatever it likes, to the question.</summary>
    private int Answer(UpstreamQuery query)
    {
        query.Write(_told);
        var reader = new DnsReader(_told);
        var name = new byte[DnsName.MaximumSize];
        reader.TryRead(name, out DnsQuestion question);
        var writer = new DnsWriter(_told, reader.Id,
            (ushort)(DnsHeader.Response | (_random.Next(8) == 0 ? _random.Next(16) : _random.Next(8) == 0 ? 3 : 0)));
        writer.TryAsk(question.Name, question.Type);
        var behind = writer.Length;
        foreach (var section in (ReadOnlySpan<int>)[DnsHeader.AnswersOffset, DnsHeader.AuthoritiesOffset, DnsHeader.AdditionalsOffset])
        {
            for (var records = _random.Next(_random.Next(20) == 0 ? 60 : 4); records > 0; records--)
            {
                var type = _random.Next(2) == 0 ? question.Type : Any(s_types);
                var owner = _random.Next(2) == 0 ? question.Name : Any(s_names);
                writer.TryAdd(section, owner, type, (uint)_random.Next(-9, 90_000), Data(type));
            }
        }
        return Bend(_told, _random.Next(8) == 0 ? 0 : behind, writer.Length);
    }

    private byte[] Data(ushort type)
    {
        var name = _random.Next(4) == 0 ? [0xC0, (byte)_random.Next(80)] : Any(s_names);
        return type switch
        {
            DnsType.A => [192, 0, 2, 1],
            DnsType.Cname or DnsType.Ns or DnsType.Ptr or DnsType.Dname => name,
            DnsType.Mx => [0, 1, .. name],
            DnsType.Srv => [0, 1, 0, 1, 0, 53, .. name],
            DnsType.Soa => [.. name, .. Any(s_names), .. new byte[20]],
            _ => new byte[_random.Next(60)],
        };
    }

    /// <summary>Makes some bytes others, or cuts some off.</summary>
    private int Bend(byte[] message, int from, int length)
    {
        for (var changes = int.Max(0, _random.Next(6) - 3); changes > 0 && from < length; changes--)
            message[_random.Next(from, length)] = (byte)(_random.Next(2) == 0 ? 0xC0 : _random.Next(256));
        return _random.Next(16) == 0 ? _random.Next(length) : length;
    }

    private void Judge(ReadOnlySpan<byte> message, DnsAsker asker, DnsQuestion asked)
    {
        Need(message.Length <= asker.MostBytes, "it is longer than the guest takes");
        var reader = new DnsReader(message);
        Need(reader.IsResponse && reader.Id == asker.Id, "it answers another question");
        Need(reader.Questions == (asked.Name.IsEmpty ? 0 : 1), "it has another number of questions");
        if (!asked.Name.IsEmpty)
        {
            Need(reader.TryRead(_name, out DnsQuestion question) && question.Name.SequenceEqual(asked.Name) && question.Type == asked.Type,
                "it answers another question");
        }
        Cut += (reader.Flags & DnsHeader.Truncated) != 0 ? 1 : 0;
        var wantsSecurity = asker.Extension is { WantsSecurity: true };
        _led.Clear();
        _led.Add(asked.Name.ToArray());
        for (var left = reader.Answers; left > 0; left--)
            JudgeAnswer(message, Read(ref reader), asked.Type, wantsSecurity);
        for (var left = reader.Authorities; left > 0; left--)
        {
            var record = Read(ref reader);
            Need(record.Type == DnsType.Soa || (wantsSecurity && record.Type is DnsType.Rrsig or DnsType.Nsec or DnsType.Nsec3),
                "it says more than the zone");
        }
        Need(reader.Additionals == (asker.Extension is null ? 0 : 1), "it has something that nobody has asked for");
        Need(reader.Additionals == 0 || Read(ref reader).Type == DnsType.Opt, "it has something that nobody has asked for");
        Need(reader.Position == message.Length, "there is something behind it");
    }

    private void JudgeAnswer(ReadOnlySpan<byte> message, DnsRecord record, ushort type, bool wantsSecurity)
    {
        var isLed = false;
        foreach (var name in _led)
            isLed |= DnsName.AreEqual(name, record.Name);
        Need(isLed, "a name that nobody has asked for");
        Need(record.Type == type || record.Type == DnsType.Cname || (wantsSecurity && record.Type == DnsType.Rrsig), "another type");
        Need(record.Ttl <= DnsAnswer.LongestTime, "a time that is too long");
        if (record.Type != DnsType.Cname)
            return;
        var at = record.DataOffset;
        var length = DnsName.Read(message, ref at, _name);
        Need(length > 0 && at == record.DataOffset + BinaryPrimitives.ReadUInt16BigEndian(message[(record.DataOffset - 2)..]),
            "an alias that can't be read");
        _led.Add(_name[..length]);
    }

    private DnsRecord Read(ref DnsReader reader)
    {
        var isRead = reader.TryRead(_name, out DnsRecord record);
        Need(isRead, "it can't be read");
        return record;
    }

    private T Any<T>(T[] all) => all[_random.Next(all.Length)];

    private static byte[] Name(string text)
    {
        var name = new byte[DnsName.MaximumSize];
        return text == "." ? [0] : name[..DnsName.Write(text, name)];
    }

    private static void Need(bool holds, string otherwise)
    {
        if (!holds)
            throw new InvalidDataException(otherwise);
    }
}
