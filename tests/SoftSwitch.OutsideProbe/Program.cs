// A program for the tests of the outside: holds what a running switch would, in the namespace it is started in, until it is killed or its
// input ends.
//   forwards TARGET tcp/FIRST-LAST...   relays to an address, and says "ready", or why not and ends with 1
// everything NIC ADDRESS PORT         the NIC's port, the way to the host, the guard and a forward of a TCP and a UDP port; says "ready
// ADDRESS-OF-THE-LEG"
using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Linux.Endpoints.HostWay;
using SoftSwitch.Linux.Endpoints.Outside;
using SoftSwitch.Linux.Relays;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Packets;

try
{
    if (args is ["forwards", var target, .. var ranges])
        return Relay(Ipv4Address.Parse(target), ranges);
    if (args is ["everything", var nic, var address, var port])
        return Hold(nic, Ipv4Address.Parse(address), int.Parse(port));
    return 2;
}
catch (SystemCallException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

static int Relay(Ipv4Address target, string[] ranges)
{
    using var forwards = new HostForwards(null, Console.Error.WriteLine);
    using var sockets = new ForwardSockets();
    Apply([.. ranges.Select(Range)]);
    Console.WriteLine("ready");
    while (Console.ReadLine() is { } line)
    {
        // "set" and the ranges: others from now on.
        Apply([.. line.Split(' ').Skip(1).Select(Range)]);
        Console.WriteLine("done");
    }
    return 0;

    void Apply(TransportPorts[] forwarded)
    {
        sockets.Take(forwarded);
        if (sockets.Refused.Values.FirstOrDefault() is { } refused)
            throw refused;
        forwards.Apply(target, forwarded, sockets, []);
    }
}

static int Hold(string nic, Ipv4Address address, int port)
{
    TransportPorts[] pool = [new(IpProtocol.Tcp, 16384, 29999), new(IpProtocol.Udp, 16384, 29999)];
    TransportPorts[] forwarded = [new(IpProtocol.Tcp, port, port), new(IpProtocol.Udp, port, port)];
    using var loop = new ControlLoop(_ => { }, Console.Error.WriteLine);
    var site = new EndpointSite(1, loop, new(loop, _ => { }, e => Console.Error.WriteLine(e)), () => { }, () => { });
    using var wire = new OutsideEndpoint(new("wire", nic, 1500), OutsideFilter.Shared(address, [.. pool, .. forwarded]));
    using var wirePort = wire.Open(site);
    using var way = new HostWayEndpoint(new("way", "ss-way", 1500), MacAddress.Parse("02:00:00:00:00:77"), address);
    using var wayPort = way.Open(site);
    using var guard = new PortGuard(nic);
    guard.Guard(address, pool, forwarded);
    using var forwards = new HostForwards("ss-way", Console.Error.WriteLine);
    using var sockets = new ForwardSockets();
    sockets.Take(forwarded);
    forwards.Apply(way.Address!.Value, forwarded, sockets, pool);
    Console.WriteLine($"ready {way.Address}");
    Console.ReadLine();
    return 0;
}

static TransportPorts Range(string text)
{
    var ends = text[4..].Split('-');
    return new(text.StartsWith("tcp/", StringComparison.Ordinal) ? IpProtocol.Tcp : IpProtocol.Udp, int.Parse(ends[0]),
        int.Parse(ends[^1]));
}
