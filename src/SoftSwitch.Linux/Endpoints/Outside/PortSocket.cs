using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Filters;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Keeping;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.NetinetIn;
using static SoftSwitch.Linux.Interop.SysSocket;

namespace SoftSwitch.Linux.Endpoints.Outside;

/// <summary>
/// A socket that does nothing but have a port of the host, so that no program can bind it: at one address, which the host may get later, or
/// at all. It is bound and no more. One of TCP doesn't listen, so who connects to it is refused; one of UDP has a filter that lets nothing
/// in, so nothing waits there.
/// </summary>
internal sealed unsafe class PortSocket : IDisposable
{
    private readonly SafeFileHandle _socket;

    private PortSocket(SafeFileHandle socket) => _socket = socket;

    /// <summary>One that the program before this one has bound in this process.</summary>
    public static PortSocket Inherit(SafeFileHandle socket) => new(socket);

    /// <summary>Leaves it to the program that goes on in this process.</summary>
    public void Leave(Inheritance heir, string name) => heir.Leave(name, _socket);

    /// <exception cref="SystemCallException">EADDRINUSE: somebody has it; or the right to have it is missing.</exception>
    public static PortSocket Bind(ForwardedPort port)
    {
        var subject = $"forward {port}";
        var isTcp = port.Port.Protocol == IpProtocol.Tcp;
        var fd = SystemCallException.ThrowIfNegative(
            Libc.socket(AF_INET, (isTcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket", subject);
        var socket = new SafeFileHandle(fd, ownsHandle: true);
        try
        {
            Set(fd, IPPROTO_IP, IP_FREEBIND, 1, nameof(IP_FREEBIND), subject);
            if (!isTcp)
                Deafen(fd, subject);
            // Without SO_REUSEADDR nobody else binds the port, whatever he sets. But then connections of TCP that are over keep it for a
            // minute (TIME_WAIT) from us as well. So it is set where need be, and taken back: then others can't listen, at least.
            var errno = TryBind(socket, port);
            if (isTcp && errno == Errno.EADDRINUSE)
            {
                Set(fd, SOL_SOCKET, SO_REUSEADDR, 1, nameof(SO_REUSEADDR), subject);
                errno = TryBind(socket, port);
                if (errno == 0)
                    Set(fd, SOL_SOCKET, SO_REUSEADDR, 0, nameof(SO_REUSEADDR), subject);
            }
            if (errno == 0)
                return new(socket);
            throw new SystemCallException("bind", errno, subject, errno != Errno.EACCES ? null
                : Keeper.Here is { IsGone: true } keeper ? keeper.Loss
                : "a port below 1024 takes root, CAP_NET_BIND_SERVICE, or another net.ipv4.ip_unprivileged_port_start");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>Where the port is a low one, the keeper has the right to it.</summary>
    /// <returns>0, or an errno.</returns>
    private static int TryBind(SafeFileHandle socket, ForwardedPort port)
    {
        var what = Opening.Bind(port.On?.Value ?? 0, (ushort)port.Port.Port);
        var errno = -what.Do((int)socket.DangerousGetHandle());
        return errno == Errno.EACCES && Keeper.Here?.Ask(what, -1, (int)socket.DangerousGetHandle(), out _) is { } answer
            ? answer.ErrorNumber : errno;
    }

    private static void Deafen(int fd, string subject)
    {
        var program = FilterProgram.Rejecting(_ => { }).ToArray();
        fixed (Filter.sock_filter* first = program)
        {
            var whole = new Filter.sock_fprog { len = (ushort)program.Length, filter = first };
            SystemCallException.ThrowIfNegative(Libc.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &whole, (uint)sizeof(Filter.sock_fprog)),
                nameof(SO_ATTACH_FILTER), subject);
        }
    }

    private static void Set(int fd, int level, int option, int value, string name, string subject) =>
        SystemCallException.ThrowIfNegative(Libc.setsockopt(fd, level, option, &value, sizeof(int)), name, subject);
}
