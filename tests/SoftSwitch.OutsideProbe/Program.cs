// A program for the tests of the outside: holds what a running switch would, in the namespace it is started in, until it is killed or its
// input ends.
// everything NIC ADDRESS PORT         the NIC's port, the way to the host, the guard and a forward of a TCP and a UDP port; says "ready
// ADDRESS-OF-THE-LEG"
using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Linux.Endpoints.HostWay;
using SoftSwitch.Linux.Endpoints.Outside;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Packets;

try
{
    if (args is ["everything", var nic, var address, var port])
        return Hold(nic, Ipv4Address.Parse(address), int.Parse(port));
    return 2;
}
catch (SystemCallException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

static int Hold(string nic, Ipv4Address address, int port)
{
    TransportPorts[] pool = [new(IpProtocol.Tcp, 16384, 29999), new(IpProtocol.Udp, 16384, 29999)];
    ForwardedPorts[] forwarded = [new(new(IpProtocol.Tcp, port, port), null), new(new(IpProtocol.Udp, port, port), null)];
    using var loop = new ControlLoop(_ => { }, Console.Error.WriteLine);
    var site = new EndpointSite(1, loop, new(loop, _ => { }, e => Console.Error.WriteLine(e)), () => { }, () => { });
    var filter = OutsideFilter.Shared(address, [.. pool, .. forwarded.Select(forward => forward.Ports)]);
    using var wire = new OutsideEndpoint(new("wire", nic, 1500), filter);
    using var wirePort = wire.Open(site);
    using var way = new HostWayEndpoint(new("way", "ss-way", 1500), MacAddress.Parse("02:00:00:00:00:77"), address);
    using var wayPort = way.Open(site);
    using var guard = new PortGuard(nic);
    guard.Guard(address, pool, forwarded);
    using var sockets = new ForwardSockets();
    sockets.Take(forwarded);
    way.RouteLoopback();
    using var forwards = new HostForwards("ss-way");
    forwards.Lead(way.Address!.Value, address, forwarded, pool);
    Console.WriteLine($"ready {way.Address}");
    Console.ReadLine();
    return 0;
}
