using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.SysSocket;

namespace SoftSwitch.Linux.Endpoints.PacketSockets;

/// <summary>
/// An interface that carries bare IPv4 packets (tun, wireguard, ppp, ipip, a modem), through a packet socket. Inside, a packet has an
/// Ethernet header as any frame has: it comes from the one peer behind the interface and goes to our one station; on the way out the
/// header is left away. Offload headers are the kernel's, as at a <see cref="PacketPort"/>, their offsets counted from the packet.
/// <para>A cooked socket (SOCK_DGRAM) would have no offload headers; where the interface has no header of its own a raw one is the
/// same.</para>
/// </summary>
public sealed unsafe class BareIpPort : DevicePort
{
    private readonly PacketSocket _socket;
    private readonly string _interfaceName;
    private readonly byte[] _header = new byte[EthernetHeader.Size];
    private long _kernelDrops;
    private int _lost;

    private BareIpPort(string name, int mtu, int workers, PacketSocket socket, string interfaceName, MacAddress peer, MacAddress station)
        : base(name, mtu, workers)
    {
        (_socket, _interfaceName) = (socket, interfaceName);
        station.Write(_header);
        peer.Write(_header.AsSpan(MacAddress.Size));
        EthernetHeader.SetType(_header, EtherType.Ipv4);
        Watch(socket.Fd);
    }

    /// <summary>Opens the port on an interface of the calling thread's namespace.</summary>
    /// <param name="peer">By which address everybody behind the interface is known inside.</param>
    /// <param name="station">To whom everything goes that comes in.</param>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    internal static BareIpPort Open(string name, int mtu, int workers, string interfaceName, int index, PacketSocketOptions options,
        MacAddress peer, MacAddress station) =>
        new(name, mtu, workers, PacketSocket.Open(interfaceName, index, options with { HearsIpv4Only = true }), interfaceName,
            peer, station) { Station = peer };

    /// <summary>As those of a <see cref="PacketPort"/>, for the kernel finishes what the interface can't; but what is inside a tunnel is
    /// finished here.</summary>
    public override PortOffloads Offloads { get; } = PortOffloads.All & ~(PortOffloads.Big | PortOffloads.UdpTunnels
        | PortOffloads.OtherTunnels | (Environment.OSVersion.Version < new Version(6, 2) ? PortOffloads.UdpSegments : PortOffloads.None));

    public override int OffloadHeaderLength => VirtioNetHeader.LegacySize;

    /// <summary>Leaves its socket to the program that goes on in this process.</summary>
    internal void Leave(Inheritance heir, string key) => _socket.Leave(heir, key);

    /// <summary>Exchanges the kernel's filter for what is received.</summary>
    internal void Filter(ReadOnlySpan<Filter.sock_filter> program) => _socket.Filter(program, _interfaceName);

    public override long KernelDrops() => _kernelDrops += _socket.TakeDrops();

    /// <summary>Only the next call tells whether that was all.</summary>
    [SkipLocalsInit]
    public override bool Receive(Burst burst)
    {
        var messages = stackalloc Libc.mmsghdr[Burst.BodyCount];
        var pieces = stackalloc IoVector[Burst.BodyCount * 3];
        for (var lost = Interlocked.Exchange(ref _lost, 0); lost > 0 && burst.Room > 0; lost--)
            burst.AddLost(DropReason.OffloadUnsupported);
        while (burst.Room > 0)
        {
            var asked = int.Min(burst.Room, burst.FreeBodies);
            for (var i = 0; i < asked; i++)
                Prepare(burst, i, messages + i, pieces + i * 3);
            var received = Libc.recvmmsg(_socket.Fd, messages, (uint)asked, MSG_DONTWAIT, null);
            if (received <= 0)
            {
                if (Marshal.GetLastPInvokeError() != Errno.EINVAL)
                    return true;
                // One packet was lost, whose offload work the header can't say. Those behind it are still there.
                burst.AddLost(DropReason.OffloadUnsupported);
                continue;
            }
            for (var i = 0; i < received; i++)
                Take(burst, messages[i]);
            if (received < asked)
                return true;
        }
        return true;
    }

    private static void Prepare(Burst burst, int ahead, Libc.mmsghdr* message, IoVector* pieces)
    {
        var head = burst.HeadOf(ahead);
        pieces[0] = new(head - Frame.HeadRoom, VirtioNetHeader.LegacySize);
        pieces[1] = new(head + EthernetHeader.Size, Burst.HeadCapacity - EthernetHeader.Size);
        pieces[2] = new(burst.BodyOf(ahead), Burst.BodyCapacity);
        message->msg_hdr = new() { msg_iov = pieces, msg_iovlen = 3 };
    }

    private void Take(Burst burst, in Libc.mmsghdr message)
    {
        ref var frame = ref burst.Add(
            (int)message.msg_len - VirtioNetHeader.LegacySize + EthernetHeader.Size, message.msg_hdr.msg_iov[2].Start);
        _header.CopyTo(new Span<byte>(frame.Head, EthernetHeader.Size));
        if ((message.msg_hdr.msg_flags & MSG_TRUNC) != 0)
            frame.Drop = DropReason.TooLong;
        else if (frame.Offload.NeedsChecksum)
            frame.Offload.ChecksumStart += EthernetHeader.Size;
    }

    [SkipLocalsInit]
    public override void Transmit(TransmitBatch batch)
    {
        var messages = stackalloc Libc.mmsghdr[TransmitBatch.Capacity];
        var numbers = stackalloc int[TransmitBatch.Capacity];
        var count = 0;
        for (var i = 0; i < batch.Count; i++)
        {
            var pieces = batch.Vectors(i);
            if (TryStrip(pieces, batch.VectorCount(i), batch.Length(i), out var used))
            {
                numbers[count] = i;
                messages[count++].msg_hdr = new() { msg_iov = pieces, msg_iovlen = (nuint)used };
            }
            else
            {
                batch.Refuse(i, DropReason.NotRouted);
            }
        }

        var failed = -1;
        for (var next = 0; next < count;)
        {
            var sent = Libc.sendmmsg(_socket.Fd, messages + next, (uint)(count - next), MSG_DONTWAIT);
            if (sent > 0)
            {
                if (failed == next)
                    Interlocked.Increment(ref _lost);
                next += sent;
                continue;
            }
            var errno = Marshal.GetLastPInvokeError();
            if (errno == Errno.EINTR)
                continue;
            if (errno == Errno.EINVAL && failed != next)
            {
                // The socket may have kept this for us, from a packet that it lost while receiving: the same again tells.
                failed = next;
                continue;
            }
            var reason = PacketSocket.Reason(errno);
            batch.Refuse(numbers[next++], reason);
            if (errno == Errno.EAGAIN || reason == DropReason.PortDown)
            {
                // Nothing will have changed for those behind it.
                while (next < count)
                    batch.Refuse(numbers[next++], reason);
            }
        }
    }

    /// <summary>Leaves the Ethernet's parts away: the header, and the zeros at the end of a short frame.</summary>
    /// <param name="pieces">The offload header, the head, and what follows.</param>
    /// <param name="length">Of the frame.</param>
    /// <param name="used">The pieces that are left.</param>
    /// <returns>False for what is no packet of IPv4: it can't leave here.</returns>
    private static bool TryStrip(IoVector* pieces, int count, int length, out int used)
    {
        used = count;
        var head = new ReadOnlySpan<byte>(pieces[1].Start, pieces[1].Length);
        if (head.Length < EthernetHeader.Size + Ipv4Header.MinimumSize
            || BinaryPrimitives.ReadUInt16BigEndian(head[(2 * MacAddress.Size)..]) != EtherType.Ipv4)
            return false;
        ref var offload = ref *(VirtioNetHeader*)pieces[0].Start;
        // The head's bytes in front of the packet are nobody's any more: a batch is transmitted once.
        if (offload.NeedsChecksum)
            offload.ChecksumStart -= EthernetHeader.Size;
        if (offload.IsSuperFrame)
            offload.HeaderLength -= EthernetHeader.Size;
        else
            Trim(pieces, ref used, length - EthernetHeader.Size
                - BinaryPrimitives.ReadUInt16BigEndian(head[(EthernetHeader.Size + Ipv4Header.TotalLengthOffset)..]));
        pieces[1] = new(pieces[1].Start + EthernetHeader.Size, pieces[1].Length - EthernetHeader.Size);
        return true;
    }

    private static void Trim(IoVector* pieces, ref int used, int excess)
    {
        for (; excess > 0 && used > 2 && pieces[used - 1].Length <= excess; used--)
            excess -= pieces[used - 1].Length;
        if (excess > 0 && excess < pieces[used - 1].Length - EthernetHeader.Size)
            pieces[used - 1] = new(pieces[used - 1].Start, pieces[used - 1].Length - excess);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _socket.Dispose();
    }

    public override string ToString() => $"{Name} on {_interfaceName}";
}
