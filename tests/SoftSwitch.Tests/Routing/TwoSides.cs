using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;
using static SoftSwitch.Tests.Routing.GatewayRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>A guest's port and a wire, with a gateway and an outside between them that know both neighbors, for as many workers as are
/// wanted.</summary>
internal sealed class TwoSides : IDisposable
{
    public static readonly Instant Now = new(1_000_000);

    private readonly Bridge _inside = new("inside", TimeSpan.FromSeconds(300), 100);
    private readonly Bridge _outside = new("outside", TimeSpan.FromSeconds(300), 100);
    private readonly Port[] _ports;
    private readonly Dictionary<Port, Membership> _members = [];

    public TwoSides(Port guest, Port wire, int workers, int flows = 4096)
    {
        _ports = [guest, wire];
        var gateway = new Gateway("gateway", new(GatewayMac), Ipv4Address.Parse("10.10.0.1"), Subnet("10.10.0.0/24"), 1500, workers, 0);
        Translator = Nat.Translator.Of(new() { OutsideAddress = Ipv4Address.Parse("203.0.113.1"), Capacity = flows, Seed = 7 },
            new NaptPolicy { FirstPort = 1, LastPort = 65535, MappingsPerOwner = 60_000 });
        var outside = new Outside("outside", new(WorldRig.OutsideMac), Translator.OutsideAddress, Subnet("203.0.113.0/24"), 1500, workers,
            Translator, true,
            new([(Subnet("0.0.0.0/0"), Ipv4Address.Parse("203.0.113.254"))])) { Inside = new([gateway], []) };
        gateway.Ways = new([outside], null, [], [gateway.Subnet]);
        foreach (var (bridge, port) in new (Bridge, Port)[] { (_inside, guest), (_inside, gateway), (_outside, wire), (_outside, outside) })
        {
            var member = bridge.Attach(port);
            bridge.SetUp(member, true);
            _members.Add(port, member);
        }
        gateway.Ipv4Neighbors.Table.Learn(Ipv4Address.Parse("10.10.0.5"), new(GuestMac(0)), guest, Now, create: true);
        outside.Ipv4Neighbors.Table.Learn(Ipv4Address.Parse("203.0.113.254"), new(WorldRig.RouterMac), wire, Now, create: true);
    }

    public Napt Translator { get; }

    /// <summary>Carries what waits at a port, as one worker.</summary>
    /// <returns>Frames that came in.</returns>
    public int Carry(Passage passage, Port port)
    {
        port.Receive(passage.Burst);
        var count = passage.Burst.Count;
        passage.Begin(_members[port], Now);
        passage.Continue(int.MaxValue);
        while (passage.TryTakeCalled(out var inner))
        {
            passage.Resume(inner, Now);
            passage.Continue(int.MaxValue);
        }
        passage.Burst.Clear();
        return count;
    }

    public void Dispose()
    {
        foreach (var port in _ports)
            port.Dispose();
    }
}
