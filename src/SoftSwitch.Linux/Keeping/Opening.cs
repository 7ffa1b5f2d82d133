using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;
using static SoftSwitch.Linux.Interop.SysSocket;

namespace SoftSwitch.Linux.Keeping;

/// <summary>
/// Something to be opened that takes a right which the running switch doesn't keep, as plain numbers: so it can be done on a thread of this
/// process, or be asked of the <see cref="Keeper"/>. What is then done with the descriptor takes the rights of who does it: the kernel asks
/// whether both who opened a netlink socket and who speaks by it may (netlink_ns_capable), and at a tap only who makes it.
/// </summary>
/// <param name="Kind">What.</param>
/// <param name="First">Of a socket its domain, of a program the interface's number, of a port its address as a number.</param>
/// <param name="Second">Of a socket its type, of a port its number.</param>
/// <param name="Third">Of a socket its protocol.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly unsafe record struct Opening(OpeningKind Kind, int First = 0, int Second = 0, int Third = 0)
{
    internal const string TunPath = "/dev/net/tun";

    /// <summary>The device of taps.</summary>
    public static Opening Tun => new(OpeningKind.Tun);

    /// <summary>As for socket(2).</summary>
    public static Opening Socket(int domain, int type, int protocol) => new(OpeningKind.Socket, domain, type, protocol);

    /// <summary>An eBPF program, whose descriptor comes along, where frames leave an interface, before all others.</summary>
    public static Opening Program(int interfaceIndex) => new(OpeningKind.Program, interfaceIndex);

    /// <summary>An address of IPv4 and a port for a socket, whose descriptor comes along.</summary>
    public static Opening Bind(uint address, ushort port) => new(OpeningKind.Bind, unchecked((int)address), port);

    /// <summary>The call that it is.</summary>
    public string Call => Kind switch
    {
        OpeningKind.Socket => "socket",
        OpeningKind.Program => "BPF_LINK_CREATE",
        OpeningKind.NewNamespace => "unshare",
        OpeningKind.Bind => "bind",
        _ => "open",
    };

    /// <summary>It happens inside a namespace, whose descriptor comes first.</summary>
    public bool IsInside => Kind is OpeningKind.Socket or OpeningKind.Tun or OpeningKind.Program;

    /// <summary>The descriptors that come along.</summary>
    public int Descriptors => (IsInside ? 1 : 0) + (Kind is OpeningKind.Program or OpeningKind.Bind ? 1 : 0);

    /// <summary>A switch has a use for it: the numbers come from a process that somebody may have taken over.</summary>
    public bool IsOurs => Kind switch
    {
        OpeningKind.Socket when Second is var type => (First, type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK), Third) is
            (AF_NETLINK, SOCK_RAW, Interop.Netlink.NETLINK_ROUTE or Interop.Netlink.NETLINK_SOCK_DIAG or Interop.Netlink.NETLINK_NETFILTER)
            or (AF_PACKET, SOCK_RAW, 0),
        OpeningKind.Program => First > 0 && (Second, Third) == (0, 0),
        OpeningKind.Bind => Second is > 0 and < 1024 && Third == 0,
        OpeningKind.Tun or OpeningKind.NewNamespace or OpeningKind.NamespaceAt => (First, Second, Third) == (0, 0, 0),
        _ => false,
    };

    /// <summary>Opens it, on a thread that is where it is to be.</summary>
    /// <param name="with">The descriptor of the program, or of the socket.</param>
    /// <returns>A descriptor, 0 where nothing is opened, or a negative errno.</returns>
    public int Do(int with = -1)
    {
        var result = Kind switch
        {
            OpeningKind.Socket => Libc.socket(First, Second | SOCK_CLOEXEC, Third),
            OpeningKind.Tun => Libc.open(TunPath, Fcntl.O_RDWR | Fcntl.O_NONBLOCK | Fcntl.O_CLOEXEC),
            OpeningKind.Program => Attach(with),
            OpeningKind.Bind => Bind(with),
            _ => throw new InvalidOperationException($"{Kind} is not opened inside a namespace"),
        };
        return result < 0 ? -Marshal.GetLastPInvokeError() : result;
    }

    private int Attach(int program)
    {
        var attach = new Bpf.bpf_attr_link_create
        {
            prog_fd = (uint)program,
            target_ifindex = (uint)First,
            attach_type = Bpf.BPF_TCX_EGRESS,
            flags = Bpf.BPF_F_BEFORE,
        };
        return Libc.bpf(Bpf.BPF_LINK_CREATE, &attach, (uint)sizeof(Bpf.bpf_attr_link_create));
    }

    private int Bind(int socket)
    {
        var address = new NetinetIn.sockaddr_in
        {
            sin_family = AF_INET,
            sin_port = BinaryPrimitives.ReverseEndianness((ushort)Second),
            sin_addr = BinaryPrimitives.ReverseEndianness(unchecked((uint)First)),
        };
        return Libc.bind(socket, &address, (uint)sizeof(NetinetIn.sockaddr_in));
    }
}
