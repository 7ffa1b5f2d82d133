using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Packets;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>A packet that a test sends frame by frame, in whatever order, from a guest to its gateway; and a socket that hears what
/// arrives.</summary>
internal sealed class RawDatagram(NetNs guest, string source, string destination)
{
    private readonly MacAddress _from = MacAddress.Parse(guest.Mac("eth0"));
    private readonly MacAddress _to = GatewayOf(guest);

    /// <summary>Fragments of a UDP datagram without a checksum.</summary>
    public List<byte[]> Udp(int port, ushort identification, byte[] payload, int size)
    {
        var datagram = new byte[8 + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(datagram, 40_100);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(2), (ushort)port);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(4), (ushort)datagram.Length);
        payload.CopyTo(datagram, 8);
        return Cut(IpProtocol.Udp, identification, datagram, size);
    }

    /// <summary>Fragments of a packet; one that is whole where it fits.</summary>
    public List<byte[]> Cut(byte protocol, ushort identification, byte[] payload, int size) =>
        [.. payload.Chunk(size).Select((piece, i) => Frame(protocol, identification, piece, i * size, (i + 1) * size < payload.Length))];

    public void Send(IEnumerable<byte[]> frames)
    {
        foreach (var frame in frames)
            RawFrames.Send(guest, "eth0", 1, frame.Length, (_, bytes) => frame.CopyTo(bytes, 0));
    }

    /// <summary>A UDP socket in a namespace.</summary>
    public static Socket Socket(NetNs ns, string address, int port, int wait = 3000)
    {
        Need.RealRoot("sockets of the test in another namespace");
        using var space = NetworkNamespace.Open(ns.Path);
        var at = new IPEndPoint(IPAddress.Parse(address), port);
        var socket = space.Run(() => new Socket(at.AddressFamily, SocketType.Dgram, ProtocolType.Udp));
        socket.ReceiveBufferSize = 1_000_000;
        socket.ReceiveTimeout = wait;
        socket.Bind(at);
        return socket;
    }

    private byte[] Frame(byte protocol, ushort identification, byte[] piece, int offset, bool more)
    {
        var frame = new byte[int.Max(34 + piece.Length, EthernetHeader.MinimumFrame)];
        _to.Write(frame);
        _from.Write(frame.AsSpan(6));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), EtherType.Ipv4);
        var header = frame.AsSpan(14, 20);
        Ipv4Header.Write(header, 20 + piece.Length, identification, 64, protocol, Ipv4Address.Parse(source),
            Ipv4Address.Parse(destination));
        BinaryPrimitives.WriteUInt16BigEndian(header[Ipv4Header.FragmentOffset..], (ushort)(offset / 8 | (more ? 0x2000 : 0)));
        Ipv4Header.WriteChecksum(header);
        piece.CopyTo(frame, 34);
        return frame;
    }

    private static MacAddress GatewayOf(NetNs guest)
    {
        Ping.Wait(guest, World.Gateway);
        var words = guest.Check($"ip -o neigh show {World.Gateway} dev eth0").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return MacAddress.Parse(words[Array.IndexOf(words, "lladdr") + 1]);
    }
}
