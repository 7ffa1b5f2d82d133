using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Services;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Services;

/// <summary>
/// Writes down what it is handed. It has the manners of a DHCP server: what came to everybody it answers to everybody, but only behind the
/// port that asked; and with each tick it says something to all.
/// </summary>
internal sealed class NoteService : Service
{
    public const ushort Port = 67, ClientPort = 68;

    public static readonly Ipv4Address Address = Ipv4Address.Parse("10.10.0.1");

    public List<Note> Notes { get; } = [];

    public override DropReason Take(in Request request)
    {
        Notes.Add(new(request.Input.Port.Name, request.Sender.Value, request.IsForAll, request.Packet.Source.ToString(), request.SourcePort,
            request.Packet.Destination.ToString(), request.Payload.ToArray()));
        if (request.IsForAll)
            Say(request.Turn, request.Station, request.Payload[0], request.Input);
        return DropReason.None;
    }

    public override void Tick(Turn turn, InnerPort station) => Say(turn, station, 99);

    private static void Say(Turn turn, InnerPort station, byte what, Membership? only = null)
    {
        var (from, to) = ((Address, Port), (Ipv4Address.Broadcast, ClientPort));
        if (!Datagram.TryMake(turn, station, MacAddress.Broadcast, from, to, length: 1, out var datagram))
            return;
        datagram.Payload[0] = what;
        datagram.Send(only);
    }
}
