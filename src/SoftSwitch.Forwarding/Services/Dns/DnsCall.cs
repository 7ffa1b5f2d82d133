using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Packets.Dns;

namespace SoftSwitch.Forwarding.Services.Dns;

/// <summary>A question that is being answered in a turn.</summary>
internal readonly ref struct DnsCall(Turn turn, InnerPort station, DnsCaller caller, DnsQuery query, Span<byte> room)
{
    private readonly Span<byte> _room = room;

    public Turn Turn => turn;

    public InnerPort Station => station;

    public DnsCaller Caller => caller;

    public DnsQuery Query { get; } = query;

    /// <summary>What of it comes back.</summary>
    public DnsAsker Asker => Query.Asker(caller.Connection is not null);

    /// <summary>Begins its answer.</summary>
    public DnsReply Reply(DnsCode code, bool isOwn = false) => new(_room, Asker, Query.Question, code, isOwn);
}
