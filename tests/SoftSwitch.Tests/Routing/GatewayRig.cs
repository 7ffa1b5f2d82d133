using System.Buffers.Binary;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Forwarding;

namespace SoftSwitch.Tests.Routing;

/// <summary>
/// A network 10.10.0.0/24 with a gateway 10.10.0.1 and guests at ports 0 and 1 of the rig: 10.10.0.5 and 10.10.0.6.
/// </summary>
internal sealed class GatewayRig : IDisposable
{
    public const ulong GatewayMac = 0x0253_0000_0001;

    public GatewayRig(int mtu = 1500, int? lendsFrom = null)
    {
        Rig.Add(mtu: mtu, lendsFrom: lendsFrom);
        Rig.Add(mtu: mtu, lendsFrom: lendsFrom);
        Gateway = Rig.Add(new Gateway("gateway", new(GatewayMac), Ipv4Address.Parse("10.10.0.1"), Subnet("10.10.0.0/24"), mtu, 1, 0), 0);
    }

    public Rig Rig { get; } = new();

    public Gateway Gateway { get; }

    public static ulong GuestMac(int port) => Stations.Mac((uint)(5 + port));

    public static string GuestAddress(int port) => $"10.10.0.{5 + port}";

    public static Ipv4Subnet Subnet(string text) => Ipv4Subnet.TryParse(text, out var subnet) ? subnet : throw new FormatException(text);

    /// <summary>A packet of the guest at a port, handed to the gateway.</summary>
    public static PacketSpec From(int port, string to, byte protocol = IpProtocol.Udp) => new()
    {
        Source = GuestMac(port),
        Destination = GatewayMac,
        From = GuestAddress(port),
        To = to,
        Protocol = protocol,
    };

    /// <summary>What a guest says in ARP, to all or to one.</summary>
    public static byte[] Arp(ushort operation, ulong senderMac, string sender, string target, ulong to = Stations.Broadcast)
    {
        var frame = Stations.Frame(to, senderMac, length: 42, type: EtherType.Arp);
        new ArpMessage(operation, new(senderMac), Ipv4Address.Parse(sender), default, Ipv4Address.Parse(target)).Write(frame.AsSpan(14));
        return frame;
    }

    /// <summary>An echo request.</summary>
    public static byte[] Echo(int port, string to, int length = 56)
    {
        var frame = From(port, to) with { Payload = length };
        var bytes = frame.Build();
        bytes[23] = IpProtocol.Icmp;
        var icmp = bytes.AsSpan(34);
        icmp[..8].Clear();
        icmp[0] = IcmpType.Echo;
        icmp[5] = 7;
        BinaryPrimitives.WriteUInt16BigEndian(icmp[2..], (ushort)~Wire.Sum(icmp));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(24), 0);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(24), (ushort)~Wire.Sum(bytes.AsSpan(14, 20)));
        return bytes;
    }

    /// <summary>The guests introduce themselves, and what they are answered is taken away.</summary>
    public void Introduce()
    {
        for (var port = 0; port < 2; port++)
            Rig.Carry(port, Arp(ArpMessage.Request, GuestMac(port), GuestAddress(port), "10.10.0.1"));
        Rig.Received(0);
        Rig.Received(1);
    }

    public void Later(double seconds) => Rig.Now += TimeSpan.FromSeconds(seconds);

    public void Dispose() => Rig.Dispose();
}
