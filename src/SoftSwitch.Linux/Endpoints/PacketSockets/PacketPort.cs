using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Linux.Tunnels;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.IfPacket;
using static SoftSwitch.Linux.Interop.SysSocket;

namespace SoftSwitch.Linux.Endpoints.PacketSockets;

/// <summary>
/// The interface's side of a NIC, a veth end or a guest's tap, through a packet socket. Frames are received a few and sent up to 64 a
/// system call.
/// <para>
/// The kernel strips VLAN tags and tells them beside the frame: they are put back before anyone looks. What is sent goes through the
/// kernel's queueing layer, which finishes for the interface what the interface can't (a super-frame to a guest without TSO), so this port
/// takes every offload and what the interface can take may change at any time.
/// </para>
/// </summary>
public sealed unsafe class PacketPort : DevicePort
{
    private const int ControlSize = 64;
    private const PortOffloads Tunnels = PortOffloads.UdpTunnels | PortOffloads.OtherTunnels;

    /// <summary>When so many super-frames in tunnels are refused one after the other, no queue is full: the program at the interface
    /// doesn't work.</summary>
    private const int TunnelsRefusedForGood = 16;

    private readonly PacketSocket _socket;
    private readonly string _interfaceName;
    private volatile PortOffloads _offloads;
    private int _tunnelsRefused;
    private long _kernelDrops;
    private long _refused;
    private int _lost;

    private PacketPort(string name, int mtu, int workers, PacketSocket socket, string interfaceName) : base(name, mtu, workers)
    {
        _socket = socket;
        _interfaceName = interfaceName;
        Watch(socket.Fd);
        // Packet sockets take UDP super-frames since Linux 6.2, and all of BIG TCP; but what is longer than its gso_max_size an interface
        // has cut into single segments.
        var offloads = PortOffloads.All & ~PortOffloads.Big;
        if (Environment.OSVersion.Version < new Version(6, 2))
            offloads &= ~PortOffloads.UdpSegments;
        if (socket.CutsTunnels)
            offloads |= Tunnels;
        _offloads = offloads;
    }

    /// <summary>Opens the port on an interface of the calling thread's namespace.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public static PacketPort Open(string name, int mtu, int workers, string interfaceName, int index, bool promiscuous) =>
        Open(name, mtu, workers, interfaceName, index, new PacketSocketOptions { Promiscuous = promiscuous, SendsTunnels = true });

    /// <summary>As above, with more to choose.</summary>
    internal static PacketPort Open(string name, int mtu, int workers, string interfaceName, int index, PacketSocketOptions options) =>
        new(name, mtu, workers, PacketSocket.Open(interfaceName, index, options), interfaceName);

    public override PortOffloads Offloads => _offloads;

    public override int OffloadHeaderLength => VirtioNetHeader.LegacySize;

    /// <summary>Leaves its socket to the program that goes on in this process.</summary>
    internal void Leave(Inheritance heir, string key) => _socket.Leave(heir, key);

    /// <summary>Exchanges the kernel's filter for what is received.</summary>
    internal void Filter(ReadOnlySpan<Filter.sock_filter> program) => _socket.Filter(program, _interfaceName);

    /// <summary>Hears frames for this address, too.</summary>
    internal void Hear(int index, MacAddress mac) => _socket.Hear(index, mac, _interfaceName);

    /// <summary>Ends that.</summary>
    internal void HearNoMore(int index, MacAddress mac) => _socket.HearNoMore(index, mac);

    public override long KernelDrops()
    {
        // Where somebody has taken the program off, we cut what is in tunnels ourselves.
        if ((_offloads & Tunnels) != 0 && !_socket.CutsTunnels)
            _offloads &= ~Tunnels;
        return _kernelDrops += _socket.TakeDrops();
    }

    /// <summary>Frames of which the kernel said that it had no room for them: its interface or that one's queue counts them as dropped,
    /// too.</summary>
    internal long Refused => Volatile.Read(ref _refused);

    /// <summary>Looks after each burst that isn't empty.</summary>
    internal IReceiveWitness? Witness { private get; set; }

    /// <summary>Only the next call tells whether that was all.</summary>
    public override bool Receive(Burst burst)
    {
        TakeAll(burst);
        if (burst.Count > 0)
            Witness?.Look();
        return true;
    }

    [SkipLocalsInit]
    private void TakeAll(Burst burst)
    {
        var fd = _socket.Fd;
        var messages = stackalloc Libc.mmsghdr[Burst.BodyCount];
        var pieces = stackalloc IoVector[Burst.BodyCount * 3];
        var controls = stackalloc byte[Burst.BodyCount * ControlSize];
        for (var lost = Interlocked.Exchange(ref _lost, 0); lost > 0 && burst.Room > 0; lost--)
            burst.AddLost(DropReason.OffloadUnsupported);
        while (burst.Room > 0)
        {
            // How long a frame is shows only afterwards, so each asked for needs a body of its own.
            var asked = int.Min(burst.Room, burst.FreeBodies);
            for (var i = 0; i < asked; i++)
                Prepare(burst, i, messages + i, pieces + i * 3, controls + i * ControlSize);
            var received = Libc.recvmmsg(fd, messages, (uint)asked, MSG_DONTWAIT, null);
            if (received <= 0)
            {
                // EAGAIN ends the burst. ENETDOWN says once that the interface went down: the link monitor knows better whether it comes
                // back.
                if (Marshal.GetLastPInvokeError() != Errno.EINVAL)
                    return;
                // One frame was lost, whose offload work the header can't say (UFO, SCTP). Those behind it are still there.
                burst.AddLost(DropReason.OffloadUnsupported);
                continue;
            }
            Take(burst, messages, received);
            if (received < asked)
                return;
        }
    }

    private static void Prepare(Burst burst, int ahead, Libc.mmsghdr* message, IoVector* pieces, byte* control)
    {
        var head = burst.HeadOf(ahead);
        pieces[0] = new(head - Frame.HeadRoom, VirtioNetHeader.LegacySize);
        pieces[1] = new(head, Burst.HeadCapacity);
        pieces[2] = new(burst.BodyOf(ahead), Burst.BodyCapacity);
        message->msg_hdr = new() { msg_iov = pieces, msg_iovlen = 3, msg_control = control, msg_controllen = ControlSize };
    }

    private static void Take(Burst burst, Libc.mmsghdr* messages, int received)
    {
        for (var i = 0; i < received; i++)
        {
            var message = messages + i;
            ref var frame = ref burst.Add((int)message->msg_len - VirtioNetHeader.LegacySize, message->msg_hdr.msg_iov[2].Start);
            if ((message->msg_hdr.msg_flags & MSG_TRUNC) != 0)
                frame.Drop = DropReason.TooLong;
            else if (Tag(message->msg_hdr) is var tag and not 0)
                PutTagBack(ref frame, tag);
        }
    }

    /// <summary>The VLAN tag beside a frame as its four octets, or 0 without one.</summary>
    private static uint Tag(in Libc.msghdr message)
    {
        if (message.msg_controllen < (nuint)(sizeof(Libc.cmsghdr) + sizeof(tpacket_auxdata)))
            return 0;
        var header = (Libc.cmsghdr*)message.msg_control;
        if (header->cmsg_level != SOL_PACKET || header->cmsg_type != PACKET_AUXDATA)
            return 0;
        // SAFETY: the kernel wrote the control block, and its length was checked to hold the structure.
        var auxiliary = (tpacket_auxdata*)(header + 1);
        if ((auxiliary->tp_status & TP_STATUS_VLAN_VALID) == 0)
            return 0;
        uint type = (auxiliary->tp_status & TP_STATUS_VLAN_TPID_VALID) != 0 ? auxiliary->tp_vlan_tpid : EtherType.Vlan;
        return type << 16 | auxiliary->tp_vlan_tci;
    }

    /// <summary>Makes room for the tag: the addresses, and the offload header before them, move four bytes to the front, where a burst's
    /// heads have room.</summary>
    private static void PutTagBack(ref Frame frame, uint tag)
    {
        const int shift = EthernetHeader.VlanTagSize;
        var start = frame.Head - Frame.HeadRoom;
        const int moved = Frame.HeadRoom + 2 * MacAddress.Size;
        new ReadOnlySpan<byte>(start, moved).CopyTo(new(start - shift, moved));
        frame.Head -= shift;
        frame.HeadLength += shift;
        BinaryPrimitives.WriteUInt32BigEndian(new Span<byte>(frame.Head + 2 * MacAddress.Size, shift), tag);
        if (frame.Offload.NeedsChecksum)
            frame.Offload.ChecksumStart += shift;
    }

    [SkipLocalsInit]
    public override void Transmit(TransmitBatch batch)
    {
        var fd = _socket.Fd;
        var messages = stackalloc Libc.mmsghdr[TransmitBatch.Capacity];
        var tunnels = stackalloc TunnelMessage[TransmitBatch.Capacity];
        for (var i = 0; i < batch.Count; i++)
        {
            var pieces = batch.Vectors(i);
            messages[i].msg_hdr = new() { msg_iov = pieces, msg_iovlen = (nuint)batch.VectorCount(i) };
            if (((VirtioNetHeader*)pieces->Start)->IsEncapsulated)
                tunnels[i].Describe(ref messages[i].msg_hdr);
        }

        var failed = -1;
        for (var next = 0; next < batch.Count;)
        {
            var sent = Libc.sendmmsg(fd, messages + next, (uint)(batch.Count - next), MSG_DONTWAIT);
            if (sent > 0)
            {
                if (failed == next)
                    Interlocked.Increment(ref _lost);
                if (_tunnelsRefused != 0 && HasTunnel(messages + next, sent))
                    _tunnelsRefused = 0;
                next += sent;
                continue;
            }
            var errno = Marshal.GetLastPInvokeError();
            if (errno == Errno.EINTR)
                continue;
            if (errno == Errno.EINVAL && failed != next)
            {
                // The socket may have kept this for us, from a frame that it lost while receiving (recvmmsg(2)): the same frame again
                // tells.
                failed = next;
                continue;
            }
            var reason = PacketSocket.Reason(errno);
            if (reason == DropReason.QueueFull && HasTunnel(messages + next, 1) && ++_tunnelsRefused >= TunnelsRefusedForGood)
                _offloads &= ~Tunnels;
            if (errno == Errno.ENOBUFS)
                Interlocked.Increment(ref _refused);
            batch.Refuse(next++, reason);
            if (errno == Errno.EAGAIN || reason == DropReason.PortDown)
            {
                // Nothing will have changed for the frames behind it.
                while (next < batch.Count)
                    batch.Refuse(next++, reason);
            }
        }
    }

    private static bool HasTunnel(Libc.mmsghdr* messages, int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (messages[i].msg_hdr.msg_control is not null)
                return true;
        }
        return false;
    }

    /// <summary>Sends one frame: its offload header, then its pieces.</summary>
    /// <returns>Why the kernel didn't take it, or <see cref="DropReason.None"/>.</returns>
    internal DropReason Send(IoVector* pieces, int count)
    {
        var message = new Libc.mmsghdr { msg_hdr = new() { msg_iov = pieces, msg_iovlen = (nuint)count } };
        int errno;
        do
        {
            if (Libc.sendmmsg(_socket.Fd, &message, 1, MSG_DONTWAIT) > 0)
                return DropReason.None;
            errno = Marshal.GetLastPInvokeError();
        }
        while (errno == Errno.EINTR);
        return PacketSocket.Reason(errno);
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _socket.Dispose();
        Witness?.Dispose();
    }

    public override string ToString() => $"{Name} on {_interfaceName}";
}
