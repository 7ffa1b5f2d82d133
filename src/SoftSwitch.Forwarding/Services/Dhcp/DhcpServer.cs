using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;

namespace SoftSwitch.Forwarding.Services.Dhcp;

/// <summary>
/// A server of DHCP (RFC 2131) at a station of ours, the only one of its network: a client that knows an address that we don't know it had
/// gets it if it is free, else a refusal.
/// <code>
///   discover            offer; to one that wants it at once (RFC 4039), ack
///   request  selecting  ack, or nak; of another server's offer: ours is free again
///            rebooting, renewing, rebinding
///                       ack, or nak
///   inform              ack without an address
///   decline, release    nothing
/// </code>
/// An answer leaves by the port that the question came in by, and by no other: nobody else is woken up.
/// </summary>
/// <param name="leases">Whose address is whose.</param>
public sealed class DhcpServer(LeaseTable leases) : Service
{
    /// <summary>Hops by relay agents after which a message goes round (RFC 1542, 4.1.1).</summary>
    private const int MostHops = 16;

    private readonly List<Ipv4Address> _asked = [];

    /// <summary>Where it is found at a station.</summary>
    public ServiceRow Row => new(IpProtocol.Udp, DhcpHeader.ServerPort, this, Limits.DhcpQuestions);

    public override DropReason Take(in Request request)
    {
        if (!DhcpMessage.TryRead(request.Payload, out var message) || message.Operation != DhcpHeader.Request)
            return DropReason.PacketMalformed;
        var scope = leases.Scope;
        if (message.Hops > MostHops || (message.Relay.Value != 0 && !scope.Subnet.Contains(message.Relay)))
            return DropReason.NotRouted;
        Span<byte> room = stackalloc byte[DhcpClient.MostBytes];
        var asked = new DhcpQuestion(request, message, DhcpClient.IdOf(message, room));
        return message.Type switch
        {
            DhcpMessageType.Discover => Offer(asked, scope),
            DhcpMessageType.Request => Bind(asked, scope),
            DhcpMessageType.Inform => Inform(asked, scope),
            DhcpMessageType.Release => Release(asked, scope),
            DhcpMessageType.Decline => Decline(asked, scope),
            _ => DropReason.PacketMalformed,
        };
    }

    /// <summary>Ends leases, and asks whether somebody has the addresses that are given next.</summary>
    public override void Tick(Turn turn, InnerPort station)
    {
        // One worker at a time ticks.
        _asked.Clear();
        leases.Tick(turn.Now, _asked);
        foreach (var address in _asked)
            Ask(turn, station, address);
    }

    private DropReason Offer(in DhcpQuestion asked, DhcpScope scope)
    {
        var (turn, port) = (asked.Request.Turn, asked.Request.Input.Port.Name);
        asked.Message.TryGetAddress(DhcpOption.RequestedAddress, out var wish);
        if (leases.Offer(port, asked.Client, asked.Station, !asked.IsRelayed, wish, turn.Now) is not { } grant)
            return DropReason.NoFreeAddress;
        if (grant.IsUnasked)
            Ask(turn, asked.Request.Station, grant.Address);
        if (asked.Message.TryGet(DhcpOption.RapidCommit, [], out _)
            && Bind(asked, scope, grant.Address) is { } bound)
            return DhcpAnswer.Send(asked, scope, DhcpMessageType.Ack, bound, isRapid: true);
        return DhcpAnswer.Send(asked, scope, DhcpMessageType.Offer, grant);
    }

    private DropReason Bind(in DhcpQuestion asked, DhcpScope scope)
    {
        var (now, port) = (asked.Request.Turn.Now, asked.Request.Input.Port.Name);
        if (asked.Message.TryGetAddress(DhcpOption.ServerIdentifier, out var server) && server != scope.Server)
        {
            leases.Refuse(port, asked.Client, now);
            return DropReason.None;
        }
        if (asked.Wanted is not { Value: not 0 } wanted)
            return DropReason.PacketMalformed;
        return Bind(asked, scope, wanted) is { } bound
            ? DhcpAnswer.Send(asked, scope, DhcpMessageType.Ack, bound)
            : DhcpAnswer.Refuse(asked, scope);
    }

    private Grant? Bind(in DhcpQuestion asked, DhcpScope scope, Ipv4Address address)
    {
        var port = asked.Request.Input.Port.Name;
        var bound = leases.Bind(port, asked.Client, asked.Station, !asked.IsRelayed, address, asked.Time(scope), asked.Request.Turn.Now);
        Span<byte> room = stackalloc byte[DhcpClient.MostBytes];
        if (bound is not null)
            leases.Call(port, asked.Client, asked.HostName(room), asked.Request.Turn.Now);
        return bound;
    }

    private static DropReason Inform(in DhcpQuestion asked, DhcpScope scope) =>
        DhcpAnswer.Send(asked, scope, DhcpMessageType.Ack, grant: null);

    private DropReason Release(in DhcpQuestion asked, DhcpScope scope)
    {
        if (IsForUs(asked, scope))
            leases.Release(asked.Request.Input.Port.Name, asked.Client, asked.Message.ClientAddress, asked.Request.Turn.Now);
        return DropReason.None;
    }

    private DropReason Decline(in DhcpQuestion asked, DhcpScope scope)
    {
        if (IsForUs(asked, scope) && asked.Message.TryGetAddress(DhcpOption.RequestedAddress, out var address))
            leases.Decline(asked.Request.Input.Port.Name, asked.Client, address, asked.Request.Turn.Now);
        return DropReason.None;
    }

    private static bool IsForUs(in DhcpQuestion asked, DhcpScope scope) =>
        asked.Message.TryGetAddress(DhcpOption.ServerIdentifier, out var server) && server == scope.Server;

    /// <summary>Whoever has an address says so to all: it stands in <see cref="AddressPlaces"/> then (RFC 5227, 2.1.1).</summary>
    private static void Ask(Turn turn, InnerPort station, Ipv4Address address)
    {
        if (!turn.TryMake(EthernetHeader.Size + ArpMessage.Size, out var made, out var index))
            return;
        station.AddressTo(ref made[index], MacAddress.Broadcast);
        EthernetHeader.SetType(made[index].HeadBytes, EtherType.Arp);
        new ArpMessage(ArpMessage.Request, station.Mac, default, default, address).Write(made[index].HeadBytes[EthernetHeader.Size..]);
        turn.Send(made, index, station);
    }
}
