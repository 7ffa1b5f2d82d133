using System.Buffers.Binary;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>A TCP or UDP packet in words, and the frame it makes: with its checksum, or with the pseudo-header's sum alone in that
/// field.</summary>
internal sealed record PacketSpec
{
    public ulong Destination { get; init; } = 0xFFFF_FFFF_FFFF;
    public ulong Source { get; init; } = 0x0200_0000_0001;
    public ushort[] Vlans { get; init; } = [];
    public bool IsIpv6 { get; init; }
    public byte Protocol { get; init; } = IpProtocol.Tcp;

    /// <summary>Bytes of IPv4 options, a multiple of 4.</summary>
    public int IpOptions { get; init; }

    /// <summary>IPv6 extension headers of 8 bytes each.</summary>
    public int Extensions { get; init; }

    /// <summary>Bytes of TCP options, a multiple of 4.</summary>
    public int TcpOptions { get; init; }
    public string From { get; init; } = "10.0.0.1";
    public string To { get; init; } = "10.0.0.2";
    public ushort FromPort { get; init; } = 1000;
    public ushort ToPort { get; init; } = 2000;
    public byte Ttl { get; init; } = 64;
    public bool DontFragment { get; init; } = true;
    public int Payload { get; init; } = 100;
    public byte Flags { get; init; } = 0x18;
    public ushort Identification { get; init; } = 0xFFFE;
    public uint Sequence { get; init; } = 0xFFFF_F000;

    public int NetworkOffset => 14 + 4 * Vlans.Length;

    public int TransportOffset => NetworkOffset + (IsIpv6 ? 40 + 8 * Extensions : 20 + IpOptions);

    public int PayloadOffset => TransportOffset + (Protocol == IpProtocol.Tcp ? 20 + TcpOptions : 8);

    public int ChecksumOffset => Protocol == IpProtocol.Tcp ? 16 : 6;

    /// <summary>The header that a tap delivers with the frame when its sender left the checksum, or the cutting too, to others.</summary>
    public VirtioNetHeader Offload(int gsoSize = 0, bool ecn = false) => new()
    {
        Flags = VirtioNetFlags.NeedsChecksum,
        ChecksumStart = (ushort)TransportOffset,
        ChecksumOffset = (ushort)ChecksumOffset,
        HeaderLength = (ushort)PayloadOffset,
        GsoSize = (ushort)gsoSize,
        GsoType = (gsoSize == 0 ? GsoType.None : Protocol == IpProtocol.Udp ? GsoType.UdpSegments : IsIpv6 ? GsoType.TcpV6 : GsoType.TcpV4)
            | (ecn ? GsoType.Ecn : GsoType.None),
    };

    public byte[] Build(bool isPartial = false)
    {
        var frame = new byte[PayloadOffset + Payload];
        new MacAddress(Destination).Write(frame);
        new MacAddress(Source).Write(frame.AsSpan(6));
        for (var i = 0; i < Vlans.Length; i++)
        {
            Put16(frame, 12 + 4 * i, i + 1 < Vlans.Length ? EtherType.ServiceVlan : EtherType.Vlan);
            Put16(frame, 14 + 4 * i, Vlans[i]);
        }
        Put16(frame, NetworkOffset - 2, IsIpv6 ? EtherType.Ipv6 : EtherType.Ipv4);
        for (var i = PayloadOffset; i < frame.Length; i++)
            frame[i] = (byte)(i * 31 + (i >> 8) * 7);
        var addresses = IsIpv6 ? WriteIpv6(frame) : WriteIpv4(frame);
        WriteTransport(frame);

        var length = frame.Length - TransportOffset;
        byte[] pseudo = [.. addresses, 0, Protocol, 0, (byte)(length >> 16), (byte)(length >> 8), (byte)length];
        var field = TransportOffset + ChecksumOffset;
        var sum = Wire.Sum(isPartial ? pseudo : [.. pseudo, .. frame.AsSpan(TransportOffset)]);
        Put16(frame, field, isPartial ? sum : sum == 0xFFFF && Protocol == IpProtocol.Udp ? (ushort)0xFFFF : (ushort)~sum);
        return frame;
    }

    private byte[] WriteIpv4(byte[] frame)
    {
        var ip = frame.AsSpan(NetworkOffset);
        var header = 20 + IpOptions;
        ip[0] = (byte)(0x40 | (header / 4));
        Put16(frame, NetworkOffset + 2, (ushort)(frame.Length - NetworkOffset));
        Put16(frame, NetworkOffset + 4, Identification);
        ip[6] = DontFragment ? (byte)0x40 : (byte)0;
        ip[8] = Ttl;
        ip[9] = Protocol;
        Ipv4Address.Parse(From).Write(ip[12..]);
        Ipv4Address.Parse(To).Write(ip[16..]);
        ip[20..header].Fill(1);
        Put16(frame, NetworkOffset + 10, (ushort)~Wire.Sum(ip[..header]));
        return ip.Slice(12, 8).ToArray();
    }

    private byte[] WriteIpv6(byte[] frame)
    {
        var ip = frame.AsSpan(NetworkOffset);
        ip[0] = 0x60;
        Put16(frame, NetworkOffset + 4, (ushort)(frame.Length - NetworkOffset - 40));
        ip[7] = 64;
        ip[8] = ip[24] = 0xFD;
        ip[23] = 1;
        ip[39] = 2;
        var next = 6;
        for (var i = 0; i < Extensions; i++)
        {
            ip[next] = i == 0 ? IpProtocol.HopByHopOptions : IpProtocol.DestinationOptions;
            next = 40 + 8 * i;
            ip[next + 2] = 1; // PadN over the six bytes.
            ip[next + 3] = 4;
        }
        ip[next] = Protocol;
        return ip.Slice(8, 32).ToArray();
    }

    private void WriteTransport(byte[] frame)
    {
        Put16(frame, TransportOffset, FromPort);
        Put16(frame, TransportOffset + 2, ToPort);
        if (Protocol == IpProtocol.Udp)
        {
            Put16(frame, TransportOffset + 4, (ushort)(8 + Payload));
            return;
        }
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(TransportOffset + 4), Sequence);
        frame[TransportOffset + 12] = (byte)((20 + TcpOptions) / 4 << 4);
        frame[TransportOffset + 13] = Flags;
        frame[TransportOffset + 15] = 99;
        frame.AsSpan(TransportOffset + 20, TcpOptions).Fill(1);
    }

    private static void Put16(byte[] frame, int offset, ushort value) => BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(offset), value);
}
