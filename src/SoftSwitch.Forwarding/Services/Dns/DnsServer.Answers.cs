using System.Buffers;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dns;

namespace SoftSwitch.Forwarding.Services.Dns;

/// <summary>What guests are told, and how it gets there.</summary>
public sealed partial class DnsServer
{
    /// <summary>Seconds of what may be another at any time: leases come and go.</summary>
    private const uint OwnTime = 0;

    /// <summary>Seconds of what is always so.</summary>
    private const uint LongTime = 3600;

    /// <summary>What a question for all that there is is told instead (RFC 8482, 4.2): a processor and a system.</summary>
    private static ReadOnlySpan<byte> LittleForAny => "\u0007RFC8482\0"u8;

    private DropReason Refuse(in DnsCall call, DnsCode code) => Say(call, call.Reply(code));

    private DropReason RefuseVersion(in DnsCall call)
    {
        var reply = call.Reply(DnsCode.NoError);
        reply.RefuseVersion();
        return Say(call, reply);
    }

    private DropReason SayLittle(in DnsCall call)
    {
        var reply = call.Reply(DnsCode.NoError);
        reply.Add(DnsHeader.AnswersOffset, call.Query.Name, DnsType.Hinfo, LongTime, LittleForAny);
        return Say(call, reply);
    }

    /// <summary>Answers what is our own to know.</summary>
    /// <returns>False: it isn't.</returns>
    private bool TryAnswerLocally(in DnsCall call)
    {
        var scope = _scope;
        var query = call.Query;
        Span<Ipv4Address> addresses = stackalloc Ipv4Address[LocalNames.MostAddresses];
        Span<byte> nameRoom = stackalloc byte[DnsName.MaximumSize];
        var found = new LocalNames(scope, _leases).Find(query.Name, addresses, out var count, nameRoom, out var called);
        var type = query.Question.Type;
        if (found == LocalAnswer.IsWord && IsOfZones(type))
            found = LocalAnswer.IsElsewhere;
        if (found == LocalAnswer.IsElsewhere && type is DnsType.A or DnsType.Aaaa && IsOneWord(query.Name))
            found = LocalAnswer.NoName;
        if (found == LocalAnswer.IsElsewhere)
            return false;
        var reply = call.Reply(found == LocalAnswer.NoName ? DnsCode.NameError : DnsCode.NoError, isOwn: true);
        if (found == LocalAnswer.IsAddress && type is DnsType.Ptr or DnsType.Any)
            reply.Add(DnsHeader.AnswersOffset, query.Name, DnsType.Ptr, OwnTime, called);
        else
            AddAddresses(ref reply, scope, query.Name, type, addresses[..count]);
        Say(call, reply);
        return true;
    }

    /// <summary>It is asked of a zone, or of its keys: of a word that may be a zone of the world's, nobody here knows that.</summary>
    private static bool IsOfZones(ushort type) => type is DnsType.Ns or DnsType.Soa or DnsType.Ds or DnsType.Dnskey;

    /// <summary>Says the addresses of a name of our own, as far as they are asked for.</summary>
    private static void AddAddresses(
        ref DnsReply reply, DnsScope scope, scoped ReadOnlySpan<byte> name, ushort type, scoped ReadOnlySpan<Ipv4Address> addresses)
    {
        if (addresses.IsEmpty || type is not (DnsType.A or DnsType.Any))
        {
            AddZone(ref reply, scope, name, isAsked: type == DnsType.Soa);
            return;
        }
        Span<byte> data = stackalloc byte[Ipv4Address.Size];
        foreach (var address in addresses)
        {
            address.Write(data);
            reply.Add(DnsHeader.AnswersOffset, name, DnsType.A, OwnTime, data);
        }
    }

    /// <summary>What others have said; where that is that there is no such name, a guest may call itself so.</summary>
    /// <param name="name">The question's, in small letters.</param>
    private DnsReply Reply(
        Span<byte> room, DnsAsker asker, DnsQuestion question, scoped ReadOnlySpan<byte> name, DnsAnswer answer, Instant now)
    {
        var scope = _scope;
        Span<Ipv4Address> addresses = stackalloc Ipv4Address[1];
        var count = 0;
        var isGuest = answer.Code == DnsCode.NameError && new LocalNames(scope, _leases).FindWhereNobodyIs(name, addresses, out count);
        var reply = new DnsReply(room, asker, question, isGuest ? DnsCode.NoError : answer.Code, isGuest);
        if (isGuest)
            AddAddresses(ref reply, scope, name, question.Type, addresses[..count]);
        else
            answer.WriteTo(ref reply, now);
        return reply;
    }

    /// <summary>Says whose a name is that there isn't, or that has nothing of what was asked for (RFC 2308, 3).</summary>
    private static void AddZone(ref DnsReply reply, DnsScope scope, scoped ReadOnlySpan<byte> name, bool isAsked)
    {
        var domain = scope.Domain.Span;
        var isOurs = DnsName.IsWithin(name, domain);
        // Of an address, the network that it is in; of a name without the domain, itself.
        var zone = isOurs ? domain : name.EndsWith("\u0004arpa\0"u8) ? name[(1 + name[0])..] : name;
        Span<byte> data = stackalloc byte[2 * DnsName.MaximumSize + sizeof(uint) * 5];
        data.Clear();
        var length = 0;
        foreach (var label in (ReadOnlySpan<byte>)[0, 1])
        {
            var of = label == 0 ? "\u0007gateway"u8 : "\u000Ahostmaster"u8;
            of.CopyTo(data[length..]);
            domain.CopyTo(data[(length + of.Length)..]);
            length += of.Length + domain.Length;
        }
        // Serial, refresh, retry, expire, minimum: nobody copies the zone, and what isn't there may be in a moment.
        length += sizeof(uint) * 5;
        reply.Add(isAsked && isOurs && name.SequenceEqual(domain) ? DnsHeader.AnswersOffset : DnsHeader.AuthoritiesOffset, zone,
            DnsType.Soa, OwnTime, data[..length]);
    }

    private DropReason AnswerFromOthers(in DnsCall call)
    {
        if (!_scope.AsksOthers)
            return Refuse(call, DnsCode.Refused);
        var query = call.Query;
        var now = call.Turn.Now;
        DnsAnswer? answer;
        var (isKept, isNew) = (false, false);
        lock (_lock)
        {
            answer = _cache.Find(query.Key, now);
            if (answer is { FreshUntil: var end } && end.Milliseconds <= now.Milliseconds)
                answer = null;
            if (answer is null && query.MayAsk)
                isKept = _waiting.TryAdd(query.Key, new(call.Caller, call.Asker, query.Question.Name, now), out isNew);
        }
        if (answer is not null)
            return Say(call, Reply(call.Room, call.Asker, query.Question, query.Name, answer, now));
        if (!query.MayAsk)
            return Refuse(call, DnsCode.Refused);
        if (!isKept)
            return DropReason.ServiceFlood;
        if (isNew && Interlocked.Exchange(ref _isWanted, 1) == 0)
            call.Turn.Call(call.Station);
        return DropReason.None;
    }

    /// <summary>Tells those who have waited, as long as the turn has room.</summary>
    /// <returns>False: some wait still.</returns>
    private bool Tell(Turn turn, InnerPort station, DnsWaiters waiters)
    {
        var (all, answer) = (waiters.All, waiters.Answer!);
        var longer = all.Exists(waiter => waiter.Asker.IsStream) ? ArrayPool<byte>.Shared.Rent(DnsHeader.MaximumSize) : null;
        Span<byte> room = longer ?? stackalloc byte[DnsExtension.PassesEverywhere];
        while (all.Count > 0 && turn.HasRoom)
        {
            var waiter = all[^1];
            all.RemoveAt(all.Count - 1);
            if (!waiter.Caller.Input.IsAttached)
                continue;
            var question = waiter.Question(waiters.Type);
            var reply = Reply(room, waiter.Asker, question, waiters.Name, answer, turn.Now);
            Say(turn, station, waiter.Caller, question.Name, reply.Finish());
        }
        if (longer is not null)
            ArrayPool<byte>.Shared.Return(longer);
        return all.Count == 0;
    }

    private DropReason Say(in DnsCall call, DnsReply reply)
    {
        Say(call.Turn, call.Station, call.Caller, call.Query.Question.Name, reply.Finish());
        return DropReason.None;
    }

    /// <summary>All that guests are told goes by here.</summary>
    private void Say(Turn turn, InnerPort station, DnsCaller to, ReadOnlySpan<byte> name, ReadOnlySpan<byte> message)
    {
        if (_observer is { } observer)
            Show(observer, to.Input, to.From.Address, name, message, turn);
        if (to.Connection is { } connection)
        {
            connection.Say(turn, station, message);
            return;
        }
        if (!Datagram.TryMake(turn, station, to.Mac, (_scope.Server, DnsHeader.Port), to.From, message.Length, out var datagram))
            return;
        message.CopyTo(datagram.Payload);
        datagram.Send(to.Input);
    }

    private static void Show(
        IDnsObserver observer, Membership to, Ipv4Address guest, ReadOnlySpan<byte> asked, ReadOnlySpan<byte> message, Turn turn)
    {
        Span<byte> name = stackalloc byte[DnsName.MaximumSize];
        scoped var reader = new DnsReader(message);
        reader.TryRead(name, out DnsQuestion _);
        for (var left = reader.Answers; left > 0 && reader.TryRead(name, out DnsRecord record); left--)
        {
            if (record.Type is DnsType.A or DnsType.Aaaa)
                observer.See(to.Port, guest, asked, record.Data, record.Ttl, turn.Now);
        }
    }

    private static bool IsOneWord(ReadOnlySpan<byte> name) => name.Length > 1 && name[(1 + name[0])..].Length == 1;
}
