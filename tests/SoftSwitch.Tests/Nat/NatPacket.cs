using System.Buffers.Binary;
using System.Globalization;
using PacketDotNet;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Forwarding;

namespace SoftSwitch.Tests.Nat;

/// <summary>
/// A packet in words, the frame it makes, and a frame read back with all its checksums verified: by PacketDotNet where it can, and by rules
/// of its own, which share nothing with the switch. In text: <c>udp 10.0.0.5:4000 > 192.0.2.7:53</c>; <c>tcp 10.0.0.5:4000 > 192.0.2.7:80
/// SA seq=1 ack=2 win=100 len=8 ws=7</c>; <c>icmp 10.0.0.5 > 192.0.2.7 type=8 id=7</c>.
/// </summary>
internal sealed record NatPacket
{
    private const string FlagLetters = "FSRPAUEC";

    public byte Protocol { get; init; } = IpProtocol.Udp;
    public Ipv4Address Source { get; init; }
    public Ipv4Address Destination { get; init; }

    /// <summary>The source port, or an ICMP query's identifier.</summary>
    public ushort SourcePort { get; init; }
    public ushort DestinationPort { get; init; }
    public byte Flags { get; init; }
    public uint Sequence { get; init; }
    public uint Acknowledgement { get; init; }
    public ushort Window { get; init; } = 1000;

    /// <summary>The window scale option, or -1.</summary>
    public int Scale { get; init; } = -1;
    public byte IcmpType { get; init; }
    public byte IcmpCode { get; init; }
    public byte[] Payload { get; init; } = [];
    public ushort Identification { get; init; } = 0x1234;
    public byte Ttl { get; init; } = 64;

    /// <summary>Nobody may fragment it, and nobody cares for its identification (RFC 6864, 4.1).</summary>
    public bool DontFragment { get; init; }

    /// <summary>A UDP packet whose sender made no checksum.</summary>
    public bool HasNoChecksum { get; init; }

    /// <summary>Bytes of IP options, a multiple of 4.</summary>
    public int IpOptions { get; init; }

    public int TransportOffset => 14 + 20 + IpOptions;

    public int ChecksumOffset => Protocol switch { IpProtocol.Tcp => 16, IpProtocol.Udp => 6, _ => 2 };

    public int TransportHeader => Protocol == IpProtocol.Tcp ? Scale < 0 ? 20 : 24 : 8;

    public static NatPacket Parse(string text)
    {
        var words = text.Split(' ');
        var packet = new NatPacket { Protocol = words[0] switch { "tcp" => IpProtocol.Tcp, "udp" => IpProtocol.Udp,
            "icmp" => IpProtocol.Icmp, var other => byte.Parse(other, CultureInfo.InvariantCulture) } };
        Assert.Equal(">", words[2]);
        var (source, sourcePort) = End(words[1]);
        var (destination, destinationPort) = End(words[3]);
        packet = packet with { Source = source, SourcePort = sourcePort, Destination = destination, DestinationPort = destinationPort };
        foreach (var word in words[4..])
        {
            var value = word.Contains('=') ? uint.Parse(word[(word.IndexOf('=') + 1)..], CultureInfo.InvariantCulture) : 0;
            packet = word.Split('=')[0] switch
            {
                "seq" => packet with { Sequence = value },
                "ack" => packet with { Acknowledgement = value },
                "win" => packet with { Window = (ushort)value },
                "ws" => packet with { Scale = (int)value },
                "type" => packet with { IcmpType = (byte)value },
                "code" => packet with { IcmpCode = (byte)value },
                "id" => packet with { SourcePort = (ushort)value },
                "ip" => packet with { Identification = (ushort)value },
                "len" => packet with { Payload = [.. Enumerable.Range(0, (int)value).Select(i => (byte)(i * 31 + (i >> 8) * 7))] },
                "df" => packet with { DontFragment = true },
                "nosum" => packet with { HasNoChecksum = true },
                var flags => packet with { Flags = (byte)flags.Sum(flag => 1 << FlagLetters.IndexOf(flag)) },
            };
        }
        return packet;
    }

    /// <summary>The packet from its IP header on.</summary>
    public byte[] BuildPacket(bool isPartial = false)
    {
        var header = 20 + IpOptions;
        var packet = new byte[header + TransportHeader + Payload.Length];
        packet[0] = (byte)(0x40 | (header / 4));
        Put16(packet, 2, (ushort)packet.Length);
        Put16(packet, 4, Identification);
        packet[6] = (byte)(DontFragment ? 0x40 : 0);
        packet[8] = Ttl;
        packet[9] = Protocol;
        Source.Write(packet.AsSpan(12));
        Destination.Write(packet.AsSpan(16));
        packet.AsSpan(20, IpOptions).Fill(1);
        Put16(packet, 10, (ushort)~Wire.Sum(packet.AsSpan(0, header)));

        var transport = packet.AsSpan(header).ToArray();
        Payload.CopyTo(transport, TransportHeader);
        if (Protocol == IpProtocol.Icmp)
        {
            (transport[0], transport[1]) = (IcmpType, IcmpCode);
            Put16(transport, 4, SourcePort);
        }
        else
        {
            Put16(transport, 0, SourcePort);
            Put16(transport, 2, DestinationPort);
        }
        if (Protocol == IpProtocol.Udp)
            Put16(transport, 4, (ushort)transport.Length);
        if (Protocol == IpProtocol.Tcp)
        {
            BinaryPrimitives.WriteUInt32BigEndian(transport.AsSpan(4), Sequence);
            BinaryPrimitives.WriteUInt32BigEndian(transport.AsSpan(8), Acknowledgement);
            transport[12] = (byte)(TransportHeader / 4 << 4);
            transport[13] = Flags;
            Put16(transport, 14, Window);
            if (Scale >= 0)
                (transport[20], transport[21], transport[22], transport[23]) = (1, 3, 3, (byte)Scale);
        }
        byte[] pseudo = Protocol == IpProtocol.Icmp
            ? []
            : [.. packet.AsSpan(12, 8), 0, Protocol, (byte)(transport.Length >> 8), (byte)transport.Length];
        if (!HasNoChecksum)
        {
            var sum = Wire.Sum(isPartial ? pseudo : [.. pseudo, .. transport]);
            Put16(transport, ChecksumOffset, isPartial ? sum : sum == 0xFFFF && Protocol == IpProtocol.Udp ? (ushort)0xFFFF : (ushort)~sum);
        }
        transport.CopyTo(packet, header);
        return packet;
    }

    /// <summary>The whole frame.</summary>
    public byte[] Build(bool isPartial = false) => Frame(BuildPacket(isPartial));

    public static byte[] Frame(byte[] packet) => [0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2, 0x08, 0x00, .. packet];

    /// <summary>The offload header of a frame whose checksum is partial.</summary>
    public VirtioNetHeader Offload(int gsoSize = 0) => new()
    {
        Flags = VirtioNetFlags.NeedsChecksum,
        ChecksumStart = (ushort)TransportOffset,
        ChecksumOffset = (ushort)ChecksumOffset,
        HeaderLength = (ushort)(TransportOffset + TransportHeader),
        GsoSize = (ushort)gsoSize,
        GsoType = gsoSize == 0 ? GsoType.None : Protocol == IpProtocol.Udp ? GsoType.UdpSegments : GsoType.TcpV4,
    };

    /// <summary>Completes a partial checksum, as a device does.</summary>
    public static byte[] Complete(byte[] frame, VirtioNetHeader offload)
    {
        if (offload.NeedsChecksum)
        {
            var length = 14 + BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(16));
            var sum = (ushort)~Wire.Sum(frame.AsSpan(offload.ChecksumStart..length));
            Put16(frame, offload.ChecksumStart + offload.ChecksumOffset, sum == 0 ? (ushort)0xFFFF : sum);
        }
        return frame;
    }

    /// <summary>Reads a frame whose checksums must be right.</summary>
    public static NatPacket Read(byte[] frame)
    {
        var packet = frame.AsSpan(14, BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(16))).ToArray();
        var header = (packet[0] & 15) * 4;
        Assert.Equal(0xFFFF, Wire.Sum(packet.AsSpan(0, header)));
        var transport = packet.AsSpan(header);
        var opinion = Packet.ParsePacket(LinkLayers.RawLegacy, packet).Extract<IPv4Packet>();
        Assert.True(opinion.ValidIPChecksum);
        if (packet[9] is IpProtocol.Tcp || (packet[9] is IpProtocol.Udp && (transport[6] | transport[7]) != 0))
        {
            byte[] pseudo = [.. packet.AsSpan(12, 8), 0, packet[9], (byte)(transport.Length >> 8), (byte)transport.Length];
            Assert.Equal(0xFFFF, Wire.Sum([.. pseudo, .. transport]));
        }
        var result = new NatPacket
        {
            Protocol = packet[9],
            Source = Ipv4Address.Read(packet.AsSpan(12)),
            Destination = Ipv4Address.Read(packet.AsSpan(16)),
            Identification = Get16(packet, 4),
            DontFragment = (packet[6] & 0x40) != 0,
            Ttl = packet[8],
            IpOptions = header - 20,
            SourcePort = BinaryPrimitives.ReadUInt16BigEndian(transport),
            DestinationPort = BinaryPrimitives.ReadUInt16BigEndian(transport[2..]),
        };
        switch (result.Protocol)
        {
            case IpProtocol.Tcp:
                Assert.True(opinion.Extract<TcpPacket>().ValidTcpChecksum, "TCP checksum");
                var length = (transport[12] >> 4) * 4;
                return result with
                {
                    Sequence = BinaryPrimitives.ReadUInt32BigEndian(transport[4..]),
                    Acknowledgement = BinaryPrimitives.ReadUInt32BigEndian(transport[8..]),
                    Flags = transport[13],
                    Window = BinaryPrimitives.ReadUInt16BigEndian(transport[14..]),
                    Scale = length == 24 ? transport[23] : -1,
                    Payload = transport[length..].ToArray(),
                };
            case IpProtocol.Udp:
                var none = transport[6] == 0 && transport[7] == 0;
                // PacketDotNet looks for other protocols behind low ports and fails on packets without payload.
                var opinionFails = result.SourcePort < 1024 || result.DestinationPort < 1024 || transport.Length < 16;
                Assert.True(none || opinionFails || opinion.Extract<UdpPacket>().ValidUdpChecksum, "UDP checksum");
                return result with { HasNoChecksum = none, Payload = transport[8..].ToArray() };
            default:
                Assert.Equal(0xFFFF, Wire.Sum(transport));
                return result with
                {
                    IcmpType = transport[0],
                    IcmpCode = transport[1],
                    SourcePort = BinaryPrimitives.ReadUInt16BigEndian(transport[4..]),
                    DestinationPort = 0,
                    Payload = transport[8..].ToArray(),
                };
        }
    }

    /// <summary>The packet without its payload, in the words of <see cref="Parse"/>.</summary>
    public override string ToString() => Protocol switch
    {
        IpProtocol.Icmp => $"icmp {Source} > {Destination} type={IcmpType} id={SourcePort}",
        IpProtocol.Udp => $"udp {Source}:{SourcePort} > {Destination}:{DestinationPort}",
        _ => $"tcp {Source}:{SourcePort} > {Destination}:{DestinationPort} "
            + $"{string.Concat(FlagLetters.Where((_, i) => (Flags & 1 << i) != 0))}",
    };

    public bool Equals(NatPacket? other) => other is not null && BuildPacket().AsSpan().SequenceEqual(other.BuildPacket());

    public override int GetHashCode() => HashCode.Combine(Source, SourcePort, Destination, DestinationPort);

    private static (Ipv4Address, ushort) End(string text)
    {
        var colon = text.IndexOf(':');
        return colon < 0
            ? (Ipv4Address.Parse(text), (ushort)0)
            : (Ipv4Address.Parse(text[..colon]), ushort.Parse(text[(colon + 1)..], CultureInfo.InvariantCulture));
    }

    private static ushort Get16(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt16BigEndian(bytes[offset..]);

    private static void Put16(byte[] bytes, int offset, ushort value) => BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(offset), value);
}
