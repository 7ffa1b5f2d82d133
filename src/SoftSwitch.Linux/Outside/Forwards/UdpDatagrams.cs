using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Linux.Interop;
using static SoftSwitch.Linux.Interop.NetinetIn;

namespace SoftSwitch.Linux.Outside.Forwards;

/// <summary>
/// Receives and sends datagrams of a listening socket with the host's address that they came to: an answer must come from there, and the framework's
/// sockets can't choose it (ip(7), IP_PKTINFO). One datagram at a time, in one buffer. One thread.
/// </summary>
internal sealed unsafe class UdpDatagrams
{
    /// <summary>More than the longest datagram.</summary>
    internal const int BufferSize = 64 * 1024;

    private const int ControlSize = 64;

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferSize, pinned: true);

    /// <summary>Takes a datagram from a listening socket. False: none is there. One to a broadcast address, or without an origin to answer to, comes as null.</summary>
    internal bool TryTake(int fd, out UdpClientId? client, out int length)
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
                    client = new(from.sin_addr, from.sin_port, info->ipi_addr);
            }
            return true;
        }
    }

    /// <summary>Takes a datagram from a conversation's own socket; negative: none is there, or the news that an earlier one was refused.</summary>
    internal int Take(int fd)
    {
        fixed (byte* start = _buffer)
            return (int)Libc.recv(fd, start, BufferSize, SysSocket.MSG_DONTWAIT);
    }

    /// <summary>Sends what was taken last by a conversation's own socket. Like any datagram it may be lost.</summary>
    internal void Pass(int fd, int length)
    {
        fixed (byte* start = _buffer)
            _ = Libc.send(fd, start, (nuint)length, SysSocket.MSG_DONTWAIT);
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
