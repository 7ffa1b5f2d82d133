using SoftSwitch.Forwarding.Stations;
using SoftSwitch.Tests.Forwarding;
using SoftSwitch.Tests.Nat;
using SoftSwitch.Tests.Routing;

namespace SoftSwitch.Tests.Services;

/// <summary>
/// A network 10.10.0.0/24 without a router, as an internal or a host-only one is: a station of ours at 10.10.0.1, and guests at ports 0 and
/// 1 of the rig, 10.10.0.5 and 10.10.0.6.
/// </summary>
internal sealed class StationRig : IDisposable
{
    /// <param name="lendsFrom">As of a <see cref="SoftSwitch.Forwarding.Ports.MemoryPort"/>.</param>
    /// <param name="hasServices">Those of <see cref="TestServices"/>.</param>
    /// <param name="asks">As of a <see cref="Forwarding.Rig"/>.</param>
    public StationRig(int? lendsFrom = null, bool hasServices = true, bool asks = false)
    {
        Rig = new(asks: asks);
        Rig.Add(lendsFrom: lendsFrom);
        Rig.Add();
        var subnet = GatewayRig.Subnet("10.10.0.0/24");
        Station = Rig.Add(new Station("station", new(GatewayRig.GatewayMac), NoteService.Address, subnet, 1500, 1), 0);
        Station.Services = hasServices ? TestServices.New(Notes) : null;
    }

    public Rig Rig { get; }

    public Station Station { get; }

    public NoteService Notes { get; } = new();

    /// <summary>A datagram of a guest to the station.</summary>
    public static PacketSpec To(ushort port, int from = 0, int payload = 20) =>
        GatewayRig.From(from, "10.10.0.1") with { ToPort = port, Payload = payload };

    /// <summary>One to everybody from a guest that has no address yet.</summary>
    public static PacketSpec ToAll(ushort port, int from = 0, int payload = 20) => To(port, from, payload) with
    {
        Destination = Forwarding.Stations.Broadcast,
        From = "0.0.0.0",
        FromPort = NoteService.ClientPort,
        To = "255.255.255.255",
    };

    /// <summary>The IPv4 packets that came out of a port, with all checksums right.</summary>
    public List<NatPacket> Heard(int port) =>
    [
        .. Rig.Received(port).Select(frame => frame.Bytes).Where(bytes => (bytes[12], bytes[13]) == (0x08, 0x00))
            .Select(NatPacket.Read),
    ];

    public void Dispose() => Rig.Dispose();
}
