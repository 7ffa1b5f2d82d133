using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;
using static SoftSwitch.Linux.Interop.InetDiag;
using static SoftSwitch.Linux.Interop.Netlink;

namespace SoftSwitch.Linux.Netlink;

/// <summary>Asks the kernel which sockets of one namespace have a local port (sock_diag(7), NETLINK_SOCK_DIAG). No privilege needed. One
/// thread at a time.</summary>
internal sealed class SocketDiagnosis : IDisposable
{
    private const uint AnyState = uint.MaxValue;

    private readonly NetlinkSocket _socket;

    /// <param name="inside">The namespace; left out, the calling thread's.</param>
    internal SocketDiagnosis(NetworkNamespace? inside = null) =>
        _socket = new(protocol: NETLINK_SOCK_DIAG, inside: inside);

    /// <summary>All sockets of a protocol with a local port from <paramref name="first"/> to <paramref name="last"/>, in whatever
    /// state.</summary>
    internal IReadOnlyList<BoundSocket> List(byte protocol, int first, int last) =>
        [.. List(SysSocket.AF_INET, protocol, first, last), .. List(SysSocket.AF_INET6, protocol, first, last)];

    private List<BoundSocket> List(byte family, byte protocol, int first, int last)
    {
        var sockets = new List<BoundSocket>();
        var request = Request(stackalloc byte[256], family, protocol, first, last);
        try
        {
            _socket.Dump(request.Message, "SOCK_DIAG_BY_FAMILY", "ports in use", sockets.Clear, (type, payload) =>
            {
                if (type == SOCK_DIAG_BY_FAMILY && BoundSocket.Read(payload, protocol) is { } socket && socket.Port >= first
                    && socket.Port <= last)
                    sockets.Add(socket);
            });
        }
        catch (SystemCallException e) when (e.ErrorNumber == Errno.ENOENT && family == SysSocket.AF_INET6)
        {
            // A kernel without IPv6.
        }
        return sockets;
    }

    public void Dispose() => _socket.Dispose();

    private static MessageBuilder Request(Span<byte> buffer, byte family, byte protocol, int first, int last)
    {
        var request = new MessageBuilder(buffer, SOCK_DIAG_BY_FAMILY, 0);
        request.Append(new inet_diag_req_v2 { sdiag_family = family, sdiag_protocol = protocol, idiag_states = AnyState });
        // Two questions, each with its port in an operation behind it: yes goes on behind both, no beyond the end, which means reject.
        const byte step = 8;
        ReadOnlySpan<inet_diag_bc_op> program =
        [
            new() { code = INET_DIAG_BC_S_GE, yes = step, no = 2 * step + 4 }, new() { no = (ushort)first },
            new() { code = INET_DIAG_BC_S_LE, yes = step, no = step + 4 }, new() { no = (ushort)last },
        ];
        request.Put(INET_DIAG_REQ_BYTECODE, MemoryMarshal.AsBytes(program));
        return request;
    }
}
