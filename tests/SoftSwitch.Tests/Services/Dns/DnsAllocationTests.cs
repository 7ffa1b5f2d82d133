using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Services.Dns;
using SoftSwitch.Forwarding.Stations;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dns;
using SoftSwitch.Tests.Forwarding;
using SoftSwitch.Tests.Routing;

namespace SoftSwitch.Tests.Services.Dns;

public sealed class DnsAllocationTests
{
    /// <summary>A name of our own, one that isn't there, an address, and a name that others have told.</summary>
    [Fact]
    public void What_is_known_is_said_without_allocating()
    {
        var bridge = new Bridge("net", TimeSpan.FromSeconds(300), 100);
        byte[][] asked = [Question("web", DnsType.A), Question("no.dev.internal", DnsType.A),
            Question("10.0.10.10.in-addr.arpa", DnsType.Ptr), Question("www.example.org", DnsType.A)];
        var guest = new SinkPort("guest", PortOffloads.None, asked, new VirtioNetHeader[asked.Length]);
        var scope = new DnsScope
        {
            Server = Ipv4Address.Parse("10.10.0.1"),
            Subnet = GatewayRig.Subnet("10.10.0.0/24"),
            Domain = DnsText.Name("dev.internal"),
            Suffixes = [DnsText.Name(""), DnsText.Name("dev.internal")],
        };
        DnsRig.Give(scope, "web", "10.10.0.10");
        var server = new DnsServer(scope, null);
        var station = new Station("station", new(GatewayRig.GatewayMac), scope.Server, scope.Subnet, 1500, 1)
        {
            Services = new(server.Row),
        };
        using var dns = new AskedService(bridge, guest, station);
        dns.Run(1);
        Answer(server, dns.Now);
        dns.AllocatesNothing();
    }

    private static void Answer(DnsServer server, Instant now)
    {
        var wanted = server.TakeWanted(new(), now)!;
        Span<byte> message = new byte[512];
        var writer = new DnsWriter(message, 1, DnsHeader.Response);
        writer.TryAsk(wanted.Name, wanted.Type);
        DnsText.Add(ref writer, DnsHeader.AnswersOffset, "www.example.org 3600 CNAME a.example.org");
        DnsText.Add(ref writer, DnsHeader.AnswersOffset, "a.example.org 3600 A 192.0.2.1");
        Assert.True(server.Answer(wanted, message[..writer.Length], now));
    }

    private static byte[] Question(string name, ushort type)
    {
        Span<byte> message = new byte[512];
        var writer = new DnsWriter(message, 1, DnsHeader.RecursionDesired);
        writer.TryAsk(DnsText.Name(name), type);
        new DnsExtension(DnsExtension.PassesEverywhere, 0, 0, false).TryWrite(ref writer);
        var frame = StationRig.To(DnsHeader.Port, payload: writer.Length).Build();
        message[..writer.Length].CopyTo(frame.AsSpan(42));
        frame.AsSpan(40, 2).Clear();
        return frame;
    }
}
