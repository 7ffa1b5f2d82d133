using System.Buffers.Binary;
using SoftSwitch.Packets;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>What a stranger on the LAN sends to the outside address: resets and errors with the far server's address forged as their
/// source, fragments with its own and with any.</summary>
internal static class Storm
{
    public const string Stranger = "192.0.2.66", Forgers = "198.18.0.0/16";

    private const uint Forged = 0xC612_0000;

    private const int Ethernet = 14, Ipv4 = 20;

    /// <summary>Resets of a connection at its very port, each with another sequence number.</summary>
    public static void Resets(World world, string outside, int port, int count) =>
        Send(world, outside, count, 40, IpProtocol.Tcp, (i, packet) =>
        {
            var tcp = packet[Ipv4..];
            BinaryPrimitives.WriteUInt16BigEndian(tcp, 4000);
            BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], (ushort)port);
            // Far from each other, and none where a connection a moment old could be.
            BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], (uint)i * 2654435761u);
            tcp[12] = 0x50;
            tcp[13] = 0x04;
            Checksum(packet, tcp, 16);
        });

    /// <summary>Openings of connections to a port, each from another address and another port.</summary>
    public static void Openings(World world, string outside, int port, int count, int round) =>
        Send(world, outside, count, 40, IpProtocol.Tcp, (i, packet) =>
        {
            new Ipv4Address(Forged + (uint)i).Write(packet[12..]);
            packet[10] = packet[11] = 0;
            BinaryPrimitives.WriteUInt16BigEndian(packet[10..], InternetChecksum.Of(packet[..Ipv4]));
            var tcp = packet[Ipv4..];
            BinaryPrimitives.WriteUInt16BigEndian(tcp, (ushort)(1024 + round));
            BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], (ushort)port);
            BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], (uint)i * 2654435761u);
            tcp[12] = 0x50;
            tcp[13] = 0x02;
            tcp[14] = 0x10;
            Checksum(packet, tcp, 16);
        });

    /// <summary>"Host unreachable" about a packet that a guest's flow could have sent.</summary>
    public static void Errors(World world, string outside, byte protocol, int port, int count) =>
        Send(world, outside, count, Ipv4 + 8 + Ipv4 + 8, IpProtocol.Icmp, (i, packet) =>
        {
            var icmp = packet[Ipv4..];
            icmp[0] = 3;
            icmp[1] = 1;
            var quoted = icmp[8..];
            Header(quoted, 60, protocol, Ipv4Address.Parse(outside), Ipv4Address.Parse(World.FarAddress));
            BinaryPrimitives.WriteUInt16BigEndian(quoted[Ipv4..], (ushort)port);
            BinaryPrimitives.WriteUInt16BigEndian(quoted[(Ipv4 + 2)..], 4000);
            BinaryPrimitives.WriteInt32BigEndian(quoted[(Ipv4 + 4)..], i);
            BinaryPrimitives.WriteUInt16BigEndian(icmp[2..], InternetChecksum.Of(icmp));
        });

    /// <summary>First fragments of datagrams whose rest never comes.</summary>
    public static void HalfFragments(World world, string outside, int port, int count) =>
        Send(world, outside, count, Ipv4 + 40, IpProtocol.Udp, (i, packet) =>
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)i);
            packet[6] = 0x20;
            // From one that sends them all, and from as many as there are addresses.
            (i % 2 == 0 ? Ipv4Address.Parse(Stranger) : new(Forged + (uint)i)).Write(packet[12..]);
            packet[10] = packet[11] = 0;
            BinaryPrimitives.WriteUInt16BigEndian(packet[10..], InternetChecksum.Of(packet[..Ipv4]));
            BinaryPrimitives.WriteUInt16BigEndian(packet[Ipv4..], 4000);
            BinaryPrimitives.WriteUInt16BigEndian(packet[(Ipv4 + 2)..], (ushort)port);
            BinaryPrimitives.WriteUInt16BigEndian(packet[(Ipv4 + 4)..], 1400);
        });

    private delegate void Fill(int i, Span<byte> packet);

    private static void Send(World world, string outside, int count, int length, byte protocol, Fill fill)
    {
        Ping.Reaches(world.Lan, outside, 1);
        var words = world.Lan.Check($"ip neigh show {outside} dev lan0").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var to = MacAddress.Parse(words[Array.IndexOf(words, "lladdr") + 1]);
        var from = MacAddress.Parse(world.Lan.Mac("lan0"));
        RawFrames.Send(world.Lan, "lan0", count, int.Max(Ethernet + length, 60), (i, frame) =>
        {
            Array.Clear(frame);
            to.Write(frame);
            from.Write(frame.AsSpan(6));
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), EtherType.Ipv4);
            var packet = frame.AsSpan(Ethernet, length);
            Header(packet, length, protocol, Ipv4Address.Parse(World.FarAddress), Ipv4Address.Parse(outside));
            fill(i, packet);
        });
    }

    private static void Header(Span<byte> packet, int length, byte protocol, Ipv4Address source, Ipv4Address destination)
    {
        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)length);
        packet[8] = 62;
        packet[9] = protocol;
        source.Write(packet[12..]);
        destination.Write(packet[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(packet[10..], InternetChecksum.Of(packet[..Ipv4]));
    }

    private static void Checksum(Span<byte> packet, Span<byte> segment, int at)
    {
        var sum = new InternetChecksum();
        sum.Add(packet[12..Ipv4]);
        sum.Add(packet[9]);
        sum.Add((ushort)segment.Length);
        sum.Add(segment);
        BinaryPrimitives.WriteUInt16BigEndian(segment[at..], sum.Value);
    }
}
