using System.Net;
using System.Net.Sockets;
using SoftSwitch.Linux.Endpoints.Outside;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Linux;

/// <summary>What is said of a forwarded port that another program has. More of it is in the system tests.</summary>
public class ForwardSocketsTests
{
    /// <summary>A host may have a million routes, and a port that is taken is asked for again and again.</summary>
    [Theory]
    [InlineData("198.51.100.7")]
    [InlineData("198.51.100.8")]
    public void The_way_around_a_program_is_found_in_what_is_known_of_the_host(string own)
    {
        using var program = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        program.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)program.LocalEndPoint!).Port;
        var known = new HostIpv4([new(1, Ipv4Address.Parse(own), 24, IsGlobal: true, IsSecondary: false)], []);
        using var sockets = new ForwardSockets();
        Assert.True(sockets.Take([new(new(IpProtocol.Udp, port, port), null)], known));
        Assert.Contains($"127.0.0.1:{port}: write \"on: {own}\" in the forward", Assert.Single(sockets.Refused).Value.Message,
            StringComparison.Ordinal);
    }
}
