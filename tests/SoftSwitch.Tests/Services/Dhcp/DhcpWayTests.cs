using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;
using SoftSwitch.Tests.Nat;
using static SoftSwitch.Packets.Dhcp.DhcpMessageType;

namespace SoftSwitch.Tests.Services.Dhcp;

/// <summary>To whom an answer goes (RFC 2131, 4.1 and 4.3.2; RFC 3046): what left is told as <c>MAC address:port</c>. Each has all its
/// checksums.</summary>
public sealed class DhcpWayTests
{
    private const string Everybody = "ff:ff:ff:ff:ff:ff 255.255.255.255:68", Relay = "10.10.0.9";

    private static readonly string s_client = $"{DhcpRig.Mac(1)}", s_relay = $"{DhcpRig.Mac(1)} {Relay}:67";

    [Fact]
    public void Who_has_no_address_yet_hears_it_alone_or_with_everybody_as_it_wants()
    {
        using var net = new DhcpRig();
        Assert.Equal($"Offer {s_client} 10.10.0.50:68", Say(net, Discover));
        Assert.Equal($"Offer {Everybody}", Say(net, Discover, flags: DhcpHeader.BroadcastFlag));
        Assert.Equal($"Ack {s_client} 10.10.0.50:68", Say(net, Request, wish: "10.10.0.50"));
    }

    [Fact]
    public void Who_has_an_address_hears_it_there()
    {
        using var net = new DhcpRig();
        net.Boot(0, 1);
        Assert.Equal($"Ack {s_client} 10.10.0.50:68", Say(net, Request, has: "10.10.0.50", flags: DhcpHeader.BroadcastFlag));
        Assert.Equal($"Ack {s_client} 10.10.0.77:68", Say(net, Inform, has: "10.10.0.77"));
    }

    [Fact]
    public void A_refusal_is_heard_whatever_address_its_client_believes_to_have()
    {
        using var net = new DhcpRig();
        // Moved here from another network: as it boots, and as it renews.
        Assert.Equal($"Nak {Everybody}", Say(net, Request, wish: "192.168.1.5"));
        Assert.Equal($"Nak {Everybody}", Say(net, Request, has: "192.168.1.5"));
    }

    [Fact]
    public void What_a_relay_brings_goes_back_to_it_and_says_whether_the_client_can_be_reached()
    {
        using var net = new DhcpRig();
        Assert.Equal($"Offer {s_relay}", Say(net, Discover, relay: Relay));
        Assert.Equal(0, net.Last[DhcpHeader.FlagsOffset]);
        Assert.Equal($"Ack {s_relay}", Say(net, Request, wish: "10.10.0.50", relay: Relay));
        Assert.Equal($"Nak {s_relay}", Say(net, Request, wish: "192.168.1.5", relay: Relay));
        // The relay is to tell everybody: its client has no address that counts.
        Assert.Equal(DhcpHeader.BroadcastFlag >> 8, net.Last[DhcpHeader.FlagsOffset]);
        Assert.Equal((byte[])[1, 2, 0xAA, 0xBB], net.Told(DhcpOption.RelayAgentInformation));
    }

    /// <summary>Client 1 at port 0 says something.</summary>
    /// <returns>What was answered, and to whom.</returns>
    private static string Say(
        DhcpRig net, DhcpMessageType type, string? wish = null, string? has = null, string? relay = null, ushort flags = 0)
    {
        var payload = new byte[DhcpHeader.MinimumSize];
        var writer = new DhcpWriter(payload, DhcpHeader.Request, mayOverload: false, relay is null ? [] : [1, 2, 0xAA, 0xBB]);
        writer.Header[DhcpHeader.FlagsOffset] = (byte)(flags >> 8);
        DhcpRig.Mac(1).Write(writer.Header[DhcpHeader.HardwareAddressOffset..]);
        Ipv4Address.Parse(has ?? "0.0.0.0").Write(writer.Header[DhcpHeader.ClientAddressOffset..]);
        Ipv4Address.Parse(relay ?? "0.0.0.0").Write(writer.Header[DhcpHeader.RelayOffset..]);
        writer.TryAdd(DhcpOption.MessageType, (byte)type);
        if (wish is not null)
            writer.TryAdd(DhcpOption.RequestedAddress, Ipv4Address.Parse(wish));
        net.Carry(0, 1, payload.AsSpan(0, writer.Finish()), relay ?? has);
        var frame = Assert.Single(net.Rig.Received(0), frame => frame.Bytes[12] == 8 && frame.Bytes[13] == 0).Bytes;
        var answer = NatPacket.Read(frame);
        Assert.NotEqual(0, frame[40] | frame[41]);
        net.Last = answer.Payload;
        Assert.True(DhcpMessage.TryRead(answer.Payload, out var message));
        return $"{message.Type} {MacAddress.Read(frame)} {answer.Destination}:{answer.DestinationPort}";
    }
}
