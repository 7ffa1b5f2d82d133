using PacketDotNet;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>PacketDotNet's view of frames that came out of a port: somebody else's reading of lengths and checksums.</summary>
internal static class SecondOpinion
{
    /// <summary>Reads TCP or UDP frames and fails on the first whose checksums PacketDotNet finds wrong.</summary>
    public static List<Wire> Read(IEnumerable<ReceivedFrame> frames)
    {
        var result = new List<Wire>();
        foreach (var frame in frames)
        {
            Assert.Equal(default, frame.Offload);
            var wire = Wire.Read(frame.Bytes);
            result.Add(wire);
            // PacketDotNet is given the packet itself: of extension headers it takes the first for the payload.

            var ip = Packet.ParsePacket(LinkLayers.RawLegacy, frame.Bytes[wire.NetworkOffset..]).Extract<IPPacket>();
            Assert.NotNull(ip);
            if (ip is IPv4Packet v4)
                Assert.True(v4.ValidIPChecksum, "IPv4 checksum");
            if (ip.Extract<TcpPacket>() is { } tcp)
                Assert.True(tcp.ValidTcpChecksum, "TCP checksum");
            else if (ip.Extract<UdpPacket>() is { } udp)
                Assert.True(udp.ValidUdpChecksum, "UDP checksum");
            else
                Assert.True(wire.IsIpv6 && wire.TransportOffset > wire.NetworkOffset + 40, "PacketDotNet finds no transport header");
        }
        return result;
    }
}
