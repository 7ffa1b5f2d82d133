using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dns;

namespace SoftSwitch.Forwarding.Services.Dns;

/// <summary>
/// The connections by which guests ask a server of DNS by TCP (RFC 7766), each port's guests some at once: one more ends the oldest of
/// their own. Any worker may call; all of it is under one lock.
/// </summary>
/// <param name="server">Who is asked.</param>
public sealed class DnsStreams(DnsServer server) : Service
{
    /// <summary>Of a port's few, one is found by looking through them.</summary>
    private readonly Dictionary<Membership, List<DnsConnection>> _connections = [];

    /// <summary>Where it is found at a station.</summary>
    public ServiceRow Row => new(IpProtocol.Tcp, DnsHeader.Port, this, Limits.DnsSegments);

    internal DnsServer Server => server;

    /// <summary>Of all that is in a connection.</summary>
    internal Lock Lock { get; } = new();

    public override DropReason Take(in Request request)
    {
        if (!Segment.TryRead(request.Transport, out var segment))
            return DropReason.PacketMalformed;
        var (input, from) = (request.Input, (request.Packet.Source, request.SourcePort));
        lock (Lock)
        {
            var own = _connections.GetValueOrDefault(input);
            if (Find(own, from) is { } known)
                return known.Hear(request.Turn, request.Station, segment);
            if ((segment.Flags & (TcpFlags.Syn | TcpFlags.Ack | TcpFlags.Rst | TcpFlags.Fin)) != TcpFlags.Syn)
                return DropReason.NotRouted;
            own ??= [];
            if (own.Count >= Limits.DnsConnections.Most)
                own.MinBy(one => one.HeardAt.Milliseconds)!.Reset(request.Turn, request.Station);
            var connection = new DnsConnection(this, new(input, request.Sender, from), FirstOf(input, from, request.Turn.Now), segment);
            own.Add(connection);
            _connections[input] = own;
            connection.Begin(request.Turn, request.Station);
            return DropReason.None;
        }
    }

    private static DnsConnection? Find(List<DnsConnection>? own, (Ipv4Address, ushort) from)
    {
        for (var i = 0; i < own?.Count; i++)
        {
            if (own[i].Caller.From == from)
                return own[i];
        }
        return null;
    }

    /// <summary>A number that goes on with time from one that no guest can tell of another's (RFC 6528): the hash has a seed of the
    /// process.</summary>
    private static uint FirstOf(Membership input, (Ipv4Address, ushort) from, Instant now) =>
        (uint)HashCode.Combine(input.Port.Name, from) + (uint)(now.Milliseconds * 250);

    public override void Tick(Turn turn, InnerPort station)
    {
        lock (Lock)
        {
            foreach (var own in _connections.Values)
            {
                for (var i = own.Count - 1; i >= 0; i--)
                    own[i].Tick(turn, station);
            }
        }
    }

    internal bool Has(DnsConnection connection) =>
        _connections.TryGetValue(connection.Caller.Input, out var own) && own.Contains(connection);

    internal void Remove(DnsConnection connection)
    {
        var input = connection.Caller.Input;
        if (_connections.TryGetValue(input, out var own) && own.Remove(connection) && own.Count == 0)
            _connections.Remove(input);
    }
}
