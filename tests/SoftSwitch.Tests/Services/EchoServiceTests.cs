using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Stations;
using SoftSwitch.Tests.Forwarding;
using SoftSwitch.Tests.Routing;

namespace SoftSwitch.Tests.Services;

public sealed class EchoServiceTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1472)]
    public void What_is_sent_comes_back(int length)
    {
        using var net = new StationRig();
        var sent = StationRig.To(EchoService.Port, payload: length).Build();
        net.Rig.Carry(0, sent);
        var answer = Assert.Single(net.Heard(0));
        Assert.Equal("udp 10.10.0.1:7 > 10.10.0.5:1000", answer.ToString());
        Assert.Equal(sent[42..], answer.Payload);
        Assert.Empty(net.Rig.Received(1));
    }

    [Fact]
    public void An_answer_longer_than_the_link_takes_comes_in_fragments()
    {
        using var net = new StationRig();
        var sent = (StationRig.To(EchoService.Port, payload: 1000) with { FromPort = 2000 }).Build();
        sent[42] = (byte)'D';
        sent.AsSpan(40, 2).Clear();
        var reassembly = new Reassembly();
        for (var i = 0; i < 2; i++)
        {
            net.Rig.Carry(0, sent);
            var fragments = net.Rig.Received(0);
            Assert.Equal(2, fragments.Count);
            fragments.ForEach(fragment => reassembly.Add(fragment.Bytes));
        }
        Assert.Equal(2, reassembly.Packets.Count);
        Assert.All(reassembly.Packets, packet => Assert.Equal([.. sent[42..], .. sent[42..]], packet.Payload));
    }

    [Fact]
    public void It_allocates_nothing()
    {
        var bridge = new Bridge("net", TimeSpan.FromSeconds(300), 100);
        byte[] asked = StationRig.To(EchoService.Port).Build(), all = StationRig.ToAll(EchoService.Port).Build();
        var guest = new SinkPort("guest", PortOffloads.None, [asked, all], [default, default]);
        var subnet = GatewayRig.Subnet("10.10.0.0/24");
        var station = new Station("station", new(GatewayRig.GatewayMac), NoteService.Address, subnet, 1500, 1)
        {
            Services = TestServices.New(new()),
        };
        using var echo = new AskedService(bridge, guest, station);
        echo.AllocatesNothing();
    }
}
