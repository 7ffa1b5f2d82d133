using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Keeping;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Linux.Tunnels;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.Filter;
using static SoftSwitch.Linux.Interop.IfPacket;
using static SoftSwitch.Linux.Interop.SysSocket;

namespace SoftSwitch.Linux.Endpoints.PacketSockets;

/// <summary>
/// A packet socket on one interface (packet(7)): every frame that the interface receives, with its offload header, and frames out with
/// theirs. It never receives what it has sent itself; what it sends is always marked; VLAN tags stand beside the frame. It belongs for
/// life to the namespace that it was opened in.
/// </summary>
internal sealed unsafe class PacketSocket : IDisposable
{
    private readonly SafeFileHandle _handle;

    private SafeFileHandle? _tunnels;

    private PacketSocket(SafeFileHandle handle) => _handle = handle;

    /// <summary>A super-frame in a tunnel can be sent as it is, by a <see cref="TunnelMessage"/>.</summary>
    public bool CutsTunnels => _tunnels is { } program && TunnelProgram.IsThere(program);

    public int Fd
    {
        get
        {
            ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
            return (int)_handle.DangerousGetHandle();
        }
    }

    /// <param name="interfaceName">For messages.</param>
    /// <param name="index">The interface.</param>
    /// <param name="options">What it hears, and how what it sends is marked.</param>
    public static PacketSocket Open(string interfaceName, int index, PacketSocketOptions options)
    {
        if (options.Inherited is { } inherited)
            return Inherit(inherited, interfaceName, options);
        // Protocol 0 hears nothing: the offload header must be on before the first frame, and bind names the protocol.
        var socket = new PacketSocket(NetworkNamespace.Open(options.Inside, Opening.Socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0),
            $"packet socket on {interfaceName}", Remedy.Lacking(Capability.NetRaw)));
        try
        {
            socket.Set(SOL_PACKET, PACKET_VNET_HDR, 1, nameof(PACKET_VNET_HDR), interfaceName);
            socket.Set(SOL_PACKET, PACKET_AUXDATA, 1, nameof(PACKET_AUXDATA), interfaceName);
            socket.Set(SOL_PACKET, PACKET_IGNORE_OUTGOING, options.HearsOutgoing ? 0 : 1, nameof(PACKET_IGNORE_OUTGOING), interfaceName);
            socket.Set(SOL_SOCKET, SO_MARK, unchecked((int)options.Mark), nameof(SO_MARK), interfaceName);
            // Beyond the administrator's limit where we may; where not, as much as we may.
            socket.SetBuffer(SO_RCVBUFFORCE, SO_RCVBUF);
            socket.SetBuffer(SO_SNDBUFFORCE, SO_SNDBUF);
            // Before it hears anything: what the filter rejects must never have been in the queue.
            if (!options.Filter.IsEmpty)
                socket.Filter(options.Filter.Span, interfaceName);
            socket.Bind(interfaceName, index, options.SendsOnly ? (ushort)0
                : BinaryPrimitives.ReverseEndianness(options.HearsIpv4Only ? If.ETH_P_IP : If.ETH_P_ALL));
            if (options.SendsTunnels)
                socket.TakeTunnels(index, options.Inside);
            if (options.Promiscuous)
                socket.Join(new() { mr_ifindex = index, mr_type = PACKET_MR_PROMISC }, interfaceName);
            if (options.OwnMac is { } mac)
                socket.Hear(index, mac, interfaceName);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Leaves it to the program that goes on in this process.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Leave(Inheritance heir, string name) => new InheritedSocket(_handle, _tunnels).Leave(heir, name);

    /// <summary>Has it stay open until that program has another.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Hold(Inheritance heir) => heir.Hold(_handle);

    /// <summary>Exchanges the filter at once; what is in the queue already stays.</summary>
    public void Filter(ReadOnlySpan<sock_filter> program, string interfaceName)
    {
        fixed (sock_filter* first = program)
        {
            var whole = new sock_fprog { len = (ushort)program.Length, filter = first };
            SystemCallException.ThrowIfNegative(Libc.setsockopt(Fd, SOL_SOCKET, SO_ATTACH_FILTER, &whole, (uint)sizeof(sock_fprog)),
                nameof(SO_ATTACH_FILTER), $"packet socket on {interfaceName}");
        }
    }

    /// <summary>Hears frames for this address, too, until <see cref="HearNoMore"/> or the socket's end.</summary>
    public void Hear(int index, MacAddress mac, string interfaceName) => Join(Unicast(index, mac), interfaceName);

    /// <summary>Ends that. Where the interface is gone, it has ended.</summary>
    public void HearNoMore(int index, MacAddress mac)
    {
        var membership = Unicast(index, mac);
        _ = Libc.setsockopt(Fd, SOL_PACKET, PACKET_DROP_MEMBERSHIP, &membership, (uint)sizeof(packet_mreq));
    }

    /// <summary>Frames that found the queue full since the last call (PACKET_STATISTICS).</summary>
    public uint TakeDrops()
    {
        tpacket_stats statistics;
        var length = (uint)sizeof(tpacket_stats);
        return Libc.getsockopt(Fd, SOL_PACKET, PACKET_STATISTICS, &statistics, &length) < 0 ? 0 : statistics.tp_drops;
    }

    /// <summary>What it means for a frame that the kernel didn't take it.</summary>
    public static DropReason Reason(int errno) => errno switch
    {
        Errno.EAGAIN or Errno.ENOBUFS or Errno.ENOMEM => DropReason.QueueFull,
        Errno.ENETDOWN or Errno.ENXIO or Errno.ENODEV => DropReason.PortDown,
        Errno.EMSGSIZE => DropReason.MtuExceeded,
        _ => DropReason.TransmitFailed,
    };

    public void Dispose()
    {
        _handle.Dispose();
        _tunnels?.Dispose();
    }

    private static PacketSocket Inherit(InheritedSocket inherited, string interfaceName, PacketSocketOptions options)
    {
        var socket = new PacketSocket(inherited.Socket) { _tunnels = inherited.Tunnels };
        try
        {
            if (!options.Filter.IsEmpty)
                socket.Filter(options.Filter.Span, interfaceName);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Makes the socket send notes, where the kernel lets us: a note is a send time, which the program at the interface
    /// reads.</summary>
    private void TakeTunnels(int index, NetworkNamespace? inside)
    {
        if (TunnelProgram.Attach(index, inside) is not { } link)
            return;
        var times = new sock_txtime { clockid = CLOCK_MONOTONIC };
        if (Libc.setsockopt(Fd, SOL_SOCKET, SO_TXTIME, &times, (uint)sizeof(sock_txtime)) == 0)
            _tunnels = link;
        else
            link.Dispose();
    }

    private void Set(int level, int option, int value, string name, string interfaceName) =>
        SystemCallException.ThrowIfNegative(
            Libc.setsockopt(Fd, level, option, &value, sizeof(int)), name, $"packet socket on {interfaceName}");

    private void SetBuffer(int force, int plain)
    {
        var bytes = MachineLimits.SocketQueue.Most;
        if (Libc.setsockopt(Fd, SOL_SOCKET, force, &bytes, sizeof(int)) < 0)
            _ = Libc.setsockopt(Fd, SOL_SOCKET, plain, &bytes, sizeof(int));
    }

    private void Bind(string interfaceName, int index, ushort protocol)
    {
        var address = new sockaddr_ll
        {
            sll_family = AF_PACKET,
            sll_protocol = protocol,
            sll_ifindex = index,
        };
        SystemCallException.ThrowIfNegative(
            Libc.bind(Fd, &address, (uint)sizeof(sockaddr_ll)), "bind", $"packet socket on {interfaceName}");
    }

    private void Join(packet_mreq membership, string interfaceName) =>
        SystemCallException.ThrowIfNegative(
            Libc.setsockopt(Fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, (uint)sizeof(packet_mreq)),
            nameof(PACKET_ADD_MEMBERSHIP), $"packet socket on {interfaceName}");

    private static packet_mreq Unicast(int index, MacAddress mac)
    {
        var membership = new packet_mreq { mr_ifindex = index, mr_type = PACKET_MR_UNICAST, mr_alen = MacAddress.Size };
        mac.Write(new Span<byte>(membership.mr_address, MacAddress.Size));
        return membership;
    }
}
