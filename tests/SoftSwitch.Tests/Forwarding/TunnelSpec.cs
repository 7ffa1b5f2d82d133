using System.Buffers.Binary;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>A tunnel around a packet in words, and the frame it makes, as a kernel makes it: super-frame, partial checksum, or
/// finished.</summary>
internal sealed record TunnelSpec
{
    public required TunnelKind Kind { get; init; }
    public required PacketSpec Inner { get; init; }
    public bool IsIpv6 { get; init; }

    /// <summary>An outer UDP or GRE checksum.</summary>
    public bool HasChecksum { get; init; }
    public ushort[] Vlans { get; init; } = [];
    public string From { get; init; } = "192.0.2.1";
    public string To { get; init; } = "192.0.2.2";
    public ushort Identification { get; init; } = 0xFFF0;

    public bool IsUdp => Kind is TunnelKind.Vxlan or TunnelKind.VxlanGpe or TunnelKind.Geneve or TunnelKind.GeneveIp;

    public int NetworkOffset => 14 + 4 * Vlans.Length;

    public int TransportOffset => NetworkOffset + (IsIpv6 ? 40 : 20);

    public int ChecksumOffset => IsUdp ? TransportOffset + 6 : TransportOffset + 4;

    /// <summary>Bytes that stand before the inner packet's IP header.</summary>
    public int InnerNetworkOffset => TransportOffset + Between.Length + (CarriesEthernet ? 14 : 0);

    /// <summary>How much further behind everything of the inner frame is.</summary>
    public int Shift => InnerNetworkOffset - Inner.NetworkOffset;

    private bool CarriesEthernet => Kind is TunnelKind.Vxlan or TunnelKind.Geneve or TunnelKind.GreEthernet;

    private byte Protocol => Kind switch
    {
        TunnelKind.Ip => Inner.IsIpv6 ? (byte)41 : (byte)4,
        TunnelKind.Gre or TunnelKind.GreEthernet => 47,
        _ => 17,
    };

    private ushort InnerType => CarriesEthernet ? (ushort)0x6558 : Inner.IsIpv6 ? EtherType.Ipv6 : EtherType.Ipv4;

    /// <summary>UDP or GRE with the tunnel's header, lengths and checksums not in it.</summary>
    private byte[] Between => Kind switch
    {
        TunnelKind.Ip => [],
        TunnelKind.Vxlan => [0xC3, 0x50, 0x12, 0xB5, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 7, 0],
        TunnelKind.VxlanGpe => [0xC3, 0x50, 0x12, 0xB6, 0, 0, 0, 0, 12, 0, 0, Inner.IsIpv6 ? (byte)2 : (byte)1, 0, 0, 7, 0],
        TunnelKind.Geneve or TunnelKind.GeneveIp =>
        [
            0xC3, 0x50, 0x17, 0xC1, 0, 0, 0, 0, 2, 0, (byte)(InnerType >> 8), (byte)InnerType, 0, 0, 7, 0, 1, 2, 3, 1, 9, 9, 9, 9,
        ],
        _ => [HasChecksum ? (byte)0xA0 : (byte)0x20, 0, (byte)(InnerType >> 8), (byte)InnerType, .. HasChecksum ? new byte[4] : [],
            0, 0, 0, 9],
    };

    public VirtioNetHeader Offload(int gsoSize = 0)
    {
        var offload = Inner.Offload(gsoSize);
        offload.ChecksumStart += (ushort)Shift;
        offload.HeaderLength += (ushort)Shift;
        return offload;
    }

    /// <summary>What a port is given that takes super-frames in tunnels.</summary>
    public VirtioNetHeader WholeOffload(int gsoSize) => Offload(gsoSize) with
    {
        BufferCount = 1,
        GsoType = Inner.Offload(gsoSize).GsoType | (!IsUdp ? 0 : IsIpv6 ? GsoType.UdpTunnelIpv6 : GsoType.UdpTunnelIpv4),
        Flags = VirtioNetFlags.NeedsChecksum | (IsUdp && HasChecksum ? VirtioNetFlags.UdpTunnelChecksum : 0),
        OuterTransportOffset = (ushort)TransportOffset,
        InnerNetworkOffset = (ushort)InnerNetworkOffset,
    };

    /// <param name="isPartial">The inner checksum is.</param>
    /// <param name="isSuper">The outer checksum, where there is one, is partial too.</param>
    public byte[] Build(bool isPartial = false, bool isSuper = false)
    {
        var inner = Inner.Build(isPartial);
        byte[] frame =
        [
            .. Ethernet(), .. new byte[TransportOffset - NetworkOffset], .. Between, .. CarriesEthernet ? inner.AsSpan(0, 14) : [],
            .. inner.AsSpan(Inner.NetworkOffset),
        ];
        var pseudo = WriteNetwork(frame);
        var transport = frame.AsSpan(TransportOffset);
        if (IsUdp)
            Put16(transport, 4, (ushort)transport.Length);
        if (!HasChecksum || Kind == TunnelKind.Ip)
            return frame;
        byte[] length = [0, Protocol, (byte)(transport.Length >> 8), (byte)transport.Length];
        byte[] sumOf = [.. IsUdp ? pseudo : [], .. IsUdp ? length : []];
        if (!isSuper)
        {
            // With the inner checksum complete; what is partial says the same (local checksum offload).
            var finished = Inner.Build()[Inner.NetworkOffset..];
            sumOf = [.. sumOf, .. transport[..(InnerNetworkOffset - TransportOffset)], .. finished];
        }
        var sum = Wire.Sum(sumOf);
        Put16(frame, ChecksumOffset, isSuper ? sum : sum == 0xFFFF && IsUdp ? (ushort)0xFFFF : (ushort)~sum);
        return frame;
    }

    private byte[] Ethernet()
    {
        var header = new byte[NetworkOffset];
        new MacAddress(Inner.Destination).Write(header);
        new MacAddress(Inner.Source).Write(header.AsSpan(6));
        for (var i = 0; i < Vlans.Length; i++)
        {
            Put16(header, 12 + 4 * i, EtherType.Vlan);
            Put16(header, 14 + 4 * i, Vlans[i]);
        }
        Put16(header, NetworkOffset - 2, IsIpv6 ? EtherType.Ipv6 : EtherType.Ipv4);
        return header;
    }

    private byte[] WriteNetwork(byte[] frame)
    {
        var ip = frame.AsSpan(NetworkOffset);
        if (IsIpv6)
        {
            ip[0] = 0x60;
            Put16(ip, 4, (ushort)(ip.Length - 40));
            ip[6] = Protocol;
            ip[7] = 64;
            ip[8] = ip[24] = 0xFD;
            ip[23] = 3;
            ip[39] = 4;
            return ip.Slice(8, 32).ToArray();
        }
        ip[0] = 0x45;
        Put16(ip, 2, (ushort)ip.Length);
        Put16(ip, 4, Identification);
        ip[8] = 64;
        ip[9] = Protocol;
        Ipv4Address.Parse(From).Write(ip[12..]);
        Ipv4Address.Parse(To).Write(ip[16..]);
        Put16(ip, 10, (ushort)~Wire.Sum(ip[..20]));
        return ip.Slice(12, 8).ToArray();
    }

    private static void Put16(Span<byte> bytes, int offset, ushort value) => BinaryPrimitives.WriteUInt16BigEndian(bytes[offset..], value);
}
