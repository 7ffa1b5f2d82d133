using System.Buffers.Binary;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets.Dns;

namespace SoftSwitch.Forwarding.Services.Dns;

/// <summary>What somebody else has said to a question, and nothing but that: it is looked through (<see cref="DnsSieve"/>).
/// Immutable.</summary>
internal sealed class DnsAnswer
{
    /// <summary>Seconds that it may be used; more is no more than this (RFC 8767, 4).</summary>
    public const uint LongestTime = 24 * 3600;

    /// <summary>Seconds that is known that there is nothing; more is no more than this (RFC 2308, 5).</summary>
    public const uint LongestNothing = 3600;

    /// <summary>Seconds of what was known and can't be asked for now (RFC 8767, 4), and how long it stays so: then it is asked for
    /// again.</summary>
    public const uint StaleTime = 30;

    private static readonly TimeSpan s_stale = TimeSpan.FromDays(1), s_failure = TimeSpan.FromSeconds(5);

    private readonly byte[] _message;
    private readonly int _firstRecord;
    private readonly ushort[] _ttls;
    private readonly Instant _born;

    /// <param name="message">The question in small letters and what answers it; names in data have no pointers.</param>
    /// <param name="lifetime">Seconds that it may be used; 0: only for those who wait for it.</param>
    /// <param name="now">When it came.</param>
    public DnsAnswer(ReadOnlySpan<byte> message, uint lifetime, Instant now)
    {
        (_message, _born) = (message.ToArray(), now);
        (_firstRecord, _ttls) = PlacesOf(message);
        FreshUntil = now + TimeSpan.FromSeconds(lifetime);
        MayBeKept = lifetime > 0;
        UsefulUntil = Code == DnsCode.NoError && new DnsReader(_message).Answers > 0 ? FreshUntil + s_stale : FreshUntil;
    }

    public DnsCode Code => new DnsReader(_message).Code;

    /// <summary>What keeping it costs, in bytes.</summary>
    public int Cost => int.Max(_message.Length + sizeof(ushort) * _ttls.Length, LeastCost);

    public bool MayBeKept { get; }

    /// <summary>When it may not be used any more, unless nothing newer can be had.</summary>
    public Instant FreshUntil { get; }

    /// <summary>When it may not be used at all any more: what was a failure, or nothing, isn't once it has aged.</summary>
    public Instant UsefulUntil { get; }

    /// <summary>It isn't known: nobody who was asked has answered.</summary>
    public static DnsAnswer Failure(ReadOnlySpan<byte> name, ushort type, Instant now)
    {
        Span<byte> message = stackalloc byte[DnsHeader.EveryoneTakes];
        var writer = new DnsWriter(message, 0, DnsHeader.Response | (ushort)DnsCode.ServerFailure);
        writer.TryAsk(name, type);
        return new(message[..writer.Length], (uint)s_failure.TotalSeconds, now);
    }

    /// <summary>The same, for a while: nothing newer could be had.</summary>
    public DnsAnswer Again(Instant now) => new(this, now);

    /// <summary>Writes it, with the time that is left of it: as it is kept, or where it has no room, as many records as have.</summary>
    public void WriteTo(ref DnsReply reply, Instant now)
    {
        var age = IsStale ? 0 : (uint)((now.Milliseconds - _born.Milliseconds) / 1000);
        if (reply.TryTake(_message, _firstRecord))
        {
            foreach (int place in _ttls)
            {
                var ttl = reply.Room.Slice(place, sizeof(uint));
                BinaryPrimitives.WriteUInt32BigEndian(ttl, TimeLeft(BinaryPrimitives.ReadUInt32BigEndian(ttl), age));
            }
            return;
        }
        Span<byte> name = stackalloc byte[DnsName.MaximumSize];
        scoped var reader = new DnsReader(_message);
        reader.TryRead(name, out DnsQuestion _);
        for (var answers = reader.Answers; answers > 0 && reader.TryRead(name, out DnsRecord record); answers--)
            Write(ref reply, DnsHeader.AnswersOffset, record, age);
        for (var others = reader.Authorities; others > 0 && reader.TryRead(name, out DnsRecord record); others--)
            Write(ref reply, DnsHeader.AuthoritiesOffset, record, age);
    }

    private const int LeastCost = 512;

    private DnsAnswer(DnsAnswer before, Instant now)
    {
        (_message, _firstRecord, _ttls) = (before._message, before._firstRecord, before._ttls);
        (_born, IsStale, MayBeKept) = (now, true, true);
        (FreshUntil, UsefulUntil) = (now + s_failure, before.UsefulUntil);
    }

    private bool IsStale { get; }

    /// <summary>Where the question ends, and where the TTL of each record stands.</summary>
    private static (int FirstRecord, ushort[] Ttls) PlacesOf(ReadOnlySpan<byte> message)
    {
        Span<byte> name = stackalloc byte[DnsName.MaximumSize];
        scoped var reader = new DnsReader(message);
        reader.TryRead(name, out DnsQuestion _);
        var (first, places) = (reader.Position, new ushort[reader.Answers + reader.Authorities]);
        foreach (ref var place in places.AsSpan())
        {
            reader.TryRead(name, out DnsRecord record);
            place = (ushort)(record.DataOffset - DnsRecord.HeaderSize + DnsRecord.TtlOffset);
        }
        return (first, places);
    }

    private uint TimeLeft(uint ttl, uint age) => IsStale ? StaleTime : ttl - uint.Min(ttl, age);

    private void Write(ref DnsReply reply, int section, scoped DnsRecord record, uint age) => reply.Add(
        section, record.Name, record.Type, TimeLeft(record.Ttl, age), record.Data);
}
