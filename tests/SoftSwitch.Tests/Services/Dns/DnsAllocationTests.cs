using SoftSwitch.Forwarding;
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
    private Instant _now = new(5_000);

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
        var member = bridge.Attach(guest);
        bridge.SetUp(member, true);
        bridge.SetUp(bridge.Attach(station), true);
        using var passage = new Passage(0);
        Run(1);
        Answer(server);
        Run(100);
        var (before, swallowed) = (GC.GetAllocatedBytesForCurrentThread(), guest.Swallowed);
        Run(1000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(guest.Swallowed - swallowed > 10_000, $"only {guest.Swallowed - swallowed} answers");
        guest.Dispose();

        void Run(int turns)
        {
            for (var turn = 0; turn < turns; turn++)
            {
                _now += TimeSpan.FromMilliseconds(20);
                guest.Receive(passage.Burst);
                passage.Begin(member, _now);
                passage.Continue(int.MaxValue);
                passage.Burst.Clear();
            }
        }
    }

    private void Answer(DnsServer server)
    {
        var wanted = server.TakeWanted(new(), _now)!;
        Span<byte> message = new byte[512];
        var writer = new DnsWriter(message, 1, DnsHeader.Response);
        writer.TryAsk(wanted.Name, wanted.Type);
        DnsText.Add(ref writer, DnsHeader.AnswersOffset, "www.example.org 3600 CNAME a.example.org");
        DnsText.Add(ref writer, DnsHeader.AnswersOffset, "a.example.org 3600 A 192.0.2.1");
        Assert.True(server.Answer(wanted, message[..writer.Length], _now));
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
