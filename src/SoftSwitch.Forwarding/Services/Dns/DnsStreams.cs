using System.Security.Cryptography;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Drops;
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
    private readonly Dictionary<(Membership, Ipv4Address, ushort), DnsConnection> _connections = [];
    private readonly byte[] _chance = new byte[sizeof(uint)];

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
            if (_connections.TryGetValue((input, from.Source, from.SourcePort), out var known))
                return known.Hear(request.Turn, request.Station, segment);
            if ((segment.Flags & (TcpFlags.Syn | TcpFlags.Ack | TcpFlags.Rst | TcpFlags.Fin)) != TcpFlags.Syn)
                return DropReason.NotRouted;
            MakeRoom(request.Turn, request.Station, input);
            RandomNumberGenerator.Fill(_chance);
            var connection = new DnsConnection(this, new(input, request.Sender, from), BitConverter.ToUInt32(_chance), segment);
            _connections.Add((input, from.Source, from.SourcePort), connection);
            connection.Begin(request.Turn, request.Station);
            return DropReason.None;
        }
    }

    public override void Tick(Turn turn, InnerPort station)
    {
        lock (Lock)
        {
            foreach (var connection in _connections.Values)
                connection.Tick(turn, station);
        }
    }

    internal bool Has(DnsConnection connection) => _connections.GetValueOrDefault(KeyOf(connection)) == connection;

    internal void Remove(DnsConnection connection) => _connections.Remove(KeyOf(connection));

    private static (Membership, Ipv4Address, ushort) KeyOf(DnsConnection connection) =>
        (connection.Caller.Input, connection.Caller.From.Address, connection.Caller.From.Port);

    private void MakeRoom(Turn turn, InnerPort station, Membership input)
    {
        var (count, oldest) = (0, (DnsConnection?)null);
        foreach (var connection in _connections.Values)
        {
            if (connection.Caller.Input != input)
                continue;
            count++;
            if (oldest is null || connection.HeardAt.Milliseconds < oldest.HeardAt.Milliseconds)
                oldest = connection;
        }
        if (count >= Limits.DnsConnections.Most)
            oldest!.Reset(turn, station);
    }
}
