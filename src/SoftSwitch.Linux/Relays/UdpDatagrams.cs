using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.NetinetIn;

namespace SoftSwitch.Linux.Relays;

/// <summary>
/// Receives and sends datagrams of a listening socket with the host's address that they came to: an answer must come from there, and the
/// framework's sockets can't choose it (ip(7), IP_PKTINFO). One datagram at a time, in one buffer. One thread.
/// </summary>
internal sealed unsafe class UdpDatagrams
{
    /// <summary>More than the longest packet with the headers before it.</summary>
    internal const int BufferSize = 64 * 1024 + 256;

    private const int PacketAt = VirtioNetHeader.LegacySize + EthernetHeader.Size;

    private const int ControlSize = 64;

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferSize, pinned: true);

    /// <summary>Takes a datagram from a listening socket. False: none is there. One to a broadcast address, or without an origin to answer
    /// to, comes as null.</summary>
    internal bool TryTake(int fd, int port, out UdpClientId? client, out int length)
    {
        sockaddr_in from;
        var control = stackalloc byte[ControlSize];
        // SAFETY: the buffer is pinned for life; the rest are locals that outlive the call.
        fixed (byte* start = _buffer)
        {
            var piece = new IoVector(start, BufferSize);
            var message = Message(&from, &piece, control, ControlSize);
            (client, length) = (null, 0);
            if (Libc.recvmmsg(fd, &message, 1, SysSocket.MSG_DONTWAIT, null) != 1)
                return false;
            length = (int)message.msg_len;
            var header = (Libc.cmsghdr*)control;
            if (message.msg_hdr.msg_controllen >= (nuint)(sizeof(Libc.cmsghdr) + sizeof(in_pktinfo))
                && header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO && from.sin_port != 0)
            {
                // SAFETY: the kernel wrote the control block, and its length was checked to hold the structure.
                var info = (in_pktinfo*)(header + 1);
                if (info->ipi_addr == info->ipi_spec_dst)
                    client = new(from.sin_addr, from.sin_port, info->ipi_addr, port);
            }
            return true;
        }
    }

    /// <summary>
    /// Takes a packet from a packet socket: a datagram, or several that a program handed to the kernel as one (UDP_SEGMENT). False: none is
    /// there. One that is no whole datagram, or without an origin to answer to, comes as null.
    /// </summary>
    internal bool TryTakePacket(int fd, out UdpClientId? client, out UdpPayload payload)
    {
        (client, payload) = (null, default);
        var length = Take(fd);
        if (length < 0)
            return false;
        if (length < PacketAt + Ipv4Header.MinimumSize + UdpHeader.Size)
            return true;
        var packet = _buffer.AsSpan(PacketAt..length);
        var (header, total) = ((packet[0] & 0xf) * 4, BinaryPrimitives.ReadUInt16BigEndian(packet[Ipv4Header.TotalLengthOffset..]));
        if (header < Ipv4Header.MinimumSize || total > packet.Length || total < header + UdpHeader.Size)
            return true;
        var udp = packet[header..total];
        var port = MemoryMarshal.Read<ushort>(udp[UdpHeader.SourcePortOffset..]);
        if (port == 0)
            return true;
        var whole = udp.Length - UdpHeader.Size;
        // The kernel's length of the first, not the header's: a sum that isn't done yet leaves that to us.
        var each = (GsoType)_buffer[1] == GsoType.UdpSegments ? MemoryMarshal.Read<ushort>(_buffer.AsSpan(4)) : 0;
        client = new(
            MemoryMarshal.Read<uint>(packet[Ipv4Header.SourceOffset..]), port,
            MemoryMarshal.Read<uint>(packet[Ipv4Header.DestinationOffset..]),
            BinaryPrimitives.ReadUInt16BigEndian(udp[UdpHeader.DestinationPortOffset..]));
        payload = new(PacketAt + header + UdpHeader.Size, whole, each == 0 ? whole : each);
        return true;
    }

    /// <summary>Takes what came from the guest's side, and who sent it. False: nothing is there, or news
    /// (<see cref="WasRefused"/>).</summary>
    internal bool TryTakeAnswer(int fd, out Ipv4Address address, out int port, out int length) =>
        TryTake(fd, SysSocket.MSG_DONTWAIT, out address, out port, out length);

    /// <summary>Takes the news of a refusal, and who has refused. False: there is no more.</summary>
    internal bool TryTakeRefusal(int fd, out Ipv4Address address, out int port) =>
        TryTake(fd, SysSocket.MSG_DONTWAIT | SysSocket.MSG_ERRQUEUE, out address, out port, out _);

    /// <summary>What was taken or sent last brought the news that somebody has refused an earlier datagram.</summary>
    internal static bool WasRefused => Marshal.GetLastPInvokeError() == Errno.ECONNREFUSED;

    private bool TryTake(int fd, int flags, out Ipv4Address address, out int port, out int length)
    {
        sockaddr_in from;
        // SAFETY: the buffer is pinned for life; the rest are locals that outlive the call.
        fixed (byte* start = _buffer)
        {
            var piece = new IoVector(start, BufferSize);
            var message = Message(&from, &piece, null, 0);
            var taken = Libc.recvmmsg(fd, &message, 1, flags, null) == 1;
            (address, port, length) = taken
                ? (Address(from.sin_addr), BinaryPrimitives.ReverseEndianness(from.sin_port), (int)message.msg_len) : (default, 0, 0);
            return taken;
        }
    }

    /// <summary>Sends what was taken last to the guest's side. Like any datagram it may be lost.</summary>
    internal void Pass(int fd, Ipv4Address target, int port, UdpPayload payload)
    {
        var to = new sockaddr_in
        {
            sin_family = SysSocket.AF_INET,
            sin_port = BinaryPrimitives.ReverseEndianness((ushort)port),
            sin_addr = BinaryPrimitives.ReverseEndianness(target.Value),
        };
        var left = payload.Length;
        fixed (byte* start = &_buffer[payload.Start])
        {
            var next = start;
            do
            {
                var length = int.Min(left, payload.OfEach);
                var piece = new IoVector(next, length);
                var message = Message(&to, &piece, null, 0);
                // News of an earlier refusal comes in place of sending; what it was about waits in the queue of errors.
                if (Libc.sendmmsg(fd, &message, 1, SysSocket.MSG_DONTWAIT) < 0 && WasRefused)
                    _ = Libc.sendmmsg(fd, &message, 1, SysSocket.MSG_DONTWAIT);
                next += length;
                left -= length;
            }
            while (left > 0);
        }
    }

    /// <summary>Takes a packet from a packet socket; negative: none is there.</summary>
    private int Take(int fd)
    {
        fixed (byte* start = _buffer)
            return (int)Libc.recv(fd, start, BufferSize, SysSocket.MSG_DONTWAIT);
    }

    /// <summary>Sends what was taken last to a client, from the address that it speaks to.</summary>
    internal void Answer(int fd, UdpClientId client, int length)
    {
        var to = new sockaddr_in { sin_family = SysSocket.AF_INET, sin_port = client.Port, sin_addr = client.Address };
        var control = stackalloc byte[ControlSize];
        var header = (Libc.cmsghdr*)control;
        var size = (nuint)(sizeof(Libc.cmsghdr) + sizeof(in_pktinfo));
        *header = new() { cmsg_len = size, cmsg_level = IPPROTO_IP, cmsg_type = IP_PKTINFO };
        // SAFETY: the control block has room for both.
        *(in_pktinfo*)(header + 1) = new() { ipi_spec_dst = client.Local };
        fixed (byte* start = _buffer)
        {
            var piece = new IoVector(start, length);
            var message = Message(&to, &piece, control, size);
            _ = Libc.sendmmsg(fd, &message, 1, SysSocket.MSG_DONTWAIT);
        }
    }

    /// <summary>The same as a packet of its own: no socket has the port that it comes from.</summary>
    internal void AnswerByPacket(int fd, UdpClientId client, int length)
    {
        const int headers = Ipv4Header.MinimumSize + UdpHeader.Size;
        if (length > ushort.MaxValue - headers)
            return;
        var header = stackalloc byte[headers];
        var packet = new Span<byte>(header, headers);
        var udp = packet[Ipv4Header.MinimumSize..];
        Ipv4Header.Write(
            packet, headers + length, 0, Ipv4Header.DefaultTtl, IpProtocol.Udp, Address(client.Local), Address(client.Address));
        BinaryPrimitives.WriteUInt16BigEndian(udp[UdpHeader.SourcePortOffset..], (ushort)client.LocalPort);
        MemoryMarshal.Write(udp[UdpHeader.DestinationPortOffset..], client.Port);
        BinaryPrimitives.WriteUInt16BigEndian(udp[UdpHeader.LengthOffset..], (ushort)(UdpHeader.Size + length));
        udp[UdpHeader.ChecksumOffset..].Clear();
        var sum = new InternetChecksum();
        sum.Add(packet[Ipv4Header.SourceOffset..]); // Both addresses, and the header of UDP behind them.
        sum.Add(IpProtocol.Udp);
        sum.Add((ushort)(UdpHeader.Size + length));
        sum.Add(_buffer.AsSpan(0, length));
        BinaryPrimitives.WriteUInt16BigEndian(udp[UdpHeader.ChecksumOffset..], InternetChecksum.InUdp(sum.Value));
        var to = new sockaddr_in { sin_family = SysSocket.AF_INET, sin_addr = client.Address };
        fixed (byte* start = _buffer)
        {
            var pieces = stackalloc IoVector[2] { new(header, headers), new(start, length) };
            var message = Message(&to, pieces, null, 0);
            message.msg_hdr.msg_iovlen = 2;
            _ = Libc.sendmmsg(fd, &message, 1, SysSocket.MSG_DONTWAIT);
        }
    }

    /// <summary>Tells a client that nobody has the port that it speaks to, as the host's stack would (RFC 1122, 4.1.3.1).</summary>
    /// <param name="fd">A socket for packets.</param>
    internal static void Refuse(int fd, UdpClientId client)
    {
        const int quoted = Ipv4Header.MinimumSize + UdpHeader.Size, length = Ipv4Header.MinimumSize + IcmpHeader.Size + quoted;
        var bytes = stackalloc byte[length];
        var packet = new Span<byte>(bytes, length);
        packet.Clear();
        Ipv4Header.Write(packet, length, 0, Ipv4Header.DefaultTtl, IpProtocol.Icmp, Address(client.Local), Address(client.Address));
        var message = packet[Ipv4Header.MinimumSize..];
        (message[IcmpHeader.TypeOffset], message[IcmpHeader.CodeOffset]) = (IcmpType.DestinationUnreachable, IcmpUnreachable.Port);
        var inner = message[IcmpHeader.InnerOffset..];
        Ipv4Header.Write(inner, quoted, 0, Ipv4Header.DefaultTtl, IpProtocol.Udp, Address(client.Address), Address(client.Local));
        var udp = inner[Ipv4Header.MinimumSize..];
        MemoryMarshal.Write(udp[UdpHeader.SourcePortOffset..], client.Port);
        BinaryPrimitives.WriteUInt16BigEndian(udp[UdpHeader.DestinationPortOffset..], (ushort)client.LocalPort);
        BinaryPrimitives.WriteUInt16BigEndian(udp[UdpHeader.LengthOffset..], UdpHeader.Size);
        BinaryPrimitives.WriteUInt16BigEndian(message[IcmpHeader.ChecksumOffset..], InternetChecksum.Of(message));
        var to = new sockaddr_in { sin_family = SysSocket.AF_INET, sin_addr = client.Address };
        var piece = new IoVector(bytes, length);
        var sent = Message(&to, &piece, null, 0);
        _ = Libc.sendmmsg(fd, &sent, 1, SysSocket.MSG_DONTWAIT);
    }

    private static Ipv4Address Address(uint asOnTheWire) => Ipv4Address.Read(MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in asOnTheWire)));

    private static Libc.mmsghdr Message(sockaddr_in* name, IoVector* piece, byte* control, nuint controlLength) => new()
    {
        msg_hdr = new()
        {
            msg_name = name,
            msg_namelen = (uint)sizeof(sockaddr_in),
            msg_iov = piece,
            msg_iovlen = 1,
            msg_control = control,
            msg_controllen = controlLength,
        },
    };
}
