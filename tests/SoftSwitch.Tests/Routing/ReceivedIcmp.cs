using System.Buffers.Binary;
using PacketDotNet;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Forwarding;

namespace SoftSwitch.Tests.Routing;

/// <summary>An ICMP message as it came out of a port, its checksums verified by somebody else's reading of it.</summary>
internal sealed record ReceivedIcmp(string From, string To, byte Ttl, byte Type, byte Code, ushort Mtu, byte[] Rest)
{
    public static ReceivedIcmp Of(ReceivedFrame frame)
    {
        Assert.Equal(default, frame.Offload);
        var ip = Packet.ParsePacket(LinkLayers.RawLegacy, frame.Bytes[14..]).Extract<IPv4Packet>();
        Assert.True(ip.ValidIPChecksum, "IPv4 checksum");
        Assert.Equal(ProtocolType.Icmp, ip.Protocol);
        var length = (frame.Bytes[16] << 8 | frame.Bytes[17]) - 20;
        var icmp = frame.Bytes.AsSpan(34, length);
        Assert.Equal(0xFFFF, Wire.Sum(icmp));
        return new(ip.SourceAddress.ToString(), ip.DestinationAddress.ToString(), (byte)ip.TimeToLive, icmp[0], icmp[1],
            BinaryPrimitives.ReadUInt16BigEndian(icmp[IcmpHeader.NextHopMtuOffset..]), icmp[8..].ToArray());
    }
}
