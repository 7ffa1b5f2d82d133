using System.Buffers.Binary;
using SoftSwitch.Packets;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>Many flows from one guest: single datagrams to the far server, each from another port or to another port.</summary>
internal static class Flood
{
    private const int Length = 60, Sources = 50_000;

    /// <summary>Datagrams to port 9999 and, after 50,000, to the ports after it.</summary>
    public static void NewFlows(NetNs guest, int count)
    {
        var gateway = GatewayMac(guest);
        var own = MacAddress.Parse(guest.Mac("eth0"));
        var source = Ipv4Address.Parse(guest.Check("ip -4 -o addr show dev eth0")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[3].Split('/')[0]);
        RawFrames.Send(guest, "eth0", count, Length, (i, frame) =>
        {
            gateway.Write(frame);
            own.Write(frame.AsSpan(6));
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), EtherType.Ipv4);
            var packet = frame.AsSpan(14);
            packet.Clear();
            packet[0] = 0x45;
            BinaryPrimitives.WriteUInt16BigEndian(packet[2..], Length - 14);
            packet[8] = 64;
            packet[9] = IpProtocol.Udp;
            source.Write(packet[12..]);
            Ipv4Address.Parse(World.FarAddress).Write(packet[16..]);
            BinaryPrimitives.WriteUInt16BigEndian(packet[10..], InternetChecksum.Of(packet[..20]));
            BinaryPrimitives.WriteUInt16BigEndian(packet[20..], (ushort)(10_000 + i % Sources));
            BinaryPrimitives.WriteUInt16BigEndian(packet[22..], (ushort)(9999 + i / Sources));
            // No checksum (RFC 768): the judge has nothing to say about it, and the NAT has to leave it so.
            BinaryPrimitives.WriteUInt16BigEndian(packet[24..], Length - 34);
        });
    }

    private static MacAddress GatewayMac(NetNs guest)
    {
        Ping.Reaches(guest, World.Gateway, 1);
        var words = guest.Check($"ip neigh show {World.Gateway}").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return MacAddress.Parse(words[Array.IndexOf(words, "lladdr") + 1]);
    }
}
