using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Packets.Dns;

namespace SoftSwitch.Forwarding.Services.Dns;

/// <summary>A question that is being answered in a turn.</summary>
internal readonly ref struct DnsCall(Turn turn, InnerPort station, DnsCaller caller, DnsQuery query, Span<byte> room)
{
    public Turn Turn => turn;

    public InnerPort Station => station;

    public DnsCaller Caller => caller;

    public DnsQuery Query { get; } = query;

    /// <summary>What of it comes back.</summary>
    public DnsAsker Asker => Query.Asker(caller.Connection is not null);

    /// <summary>For the answer.</summary>
    public Span<byte> Room { get; } = room;

    /// <summary>Begins its answer.</summary>
    public DnsReply Reply(DnsCode code, bool isOwn = false) => new(Room, Asker, Query.Question, code, isOwn);
}
