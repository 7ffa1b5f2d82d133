using System.Net.Sockets;
using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;
using static SoftSwitch.Linux.Interop.SysSocket;

namespace SoftSwitch.Linux.Control;

/// <summary>Who is at the other end of a Unix stream socket, as the kernel noted it when they connected (unix(7), SO_PEERCRED and
/// SO_PEERGROUPS).</summary>
/// <param name="Process">Process id; another process may have it by now.</param>
/// <param name="User">Effective user id.</param>
/// <param name="Group">Effective group id.</param>
/// <param name="Groups">Supplementary group ids.</param>
public sealed record PeerCredentials(int Process, uint User, uint Group, IReadOnlyList<uint> Groups)
{
    private const int FewGroups = 256;

    /// <summary>Reads the credentials of a connected socket.</summary>
    /// <exception cref="SocketException">The kernel does not say.</exception>
    public static PeerCredentials Of(Socket connected)
    {
        var peer = default(ucred);
        var bytes = MemoryMarshal.AsBytes(new Span<ucred>(ref peer));
        if (connected.GetRawSocketOption(SOL_SOCKET, SO_PEERCRED, bytes) != bytes.Length)
            throw new SocketException((int)SocketError.ProtocolOption);
        return new(peer.pid, peer.uid, peer.gid, ReadGroups(connected));
    }

    /// <summary>The peer has closed its end: nobody is there to be answered.</summary>
    public static unsafe bool HasGone(Socket connected)
    {
        var poll = new Libc.pollfd { fd = (int)connected.Handle };
        return Libc.poll(&poll, 1, 0) > 0 && (poll.revents & (Libc.POLLHUP | Libc.POLLERR)) != 0;
    }

    /// <summary>The peer's effective or supplementary groups have <paramref name="group"/> among them.</summary>
    public bool IsIn(uint group) => Group == group || Groups.Contains(group);

    private static uint[] ReadGroups(Socket connected)
    {
        try
        {
            return ReadGroups(connected, FewGroups);
        }
        catch (SocketException)
        {
            // ERANGE: there are more. A kernel without the option (before 4.13) ends up with none.
        }
        try
        {
            return ReadGroups(connected, NGROUPS_MAX);
        }
        catch (SocketException)
        {
            return [];
        }
    }

    private static uint[] ReadGroups(Socket connected, int most)
    {
        var bytes = new byte[most * sizeof(uint)];
        var length = connected.GetRawSocketOption(SOL_SOCKET, SO_PEERGROUPS, bytes);
        return MemoryMarshal.Cast<byte, uint>(bytes.AsSpan(0, length)).ToArray();
    }
}
