using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Linux.Interop;
using static SoftSwitch.Linux.Interop.SysSocket;

namespace SoftSwitch.Linux.Children;

/// <summary>
/// One end between a switch and a process that it has started: a message comes whole or not at all (SOCK_SEQPACKET, unix(7)), with a few
/// descriptors beside it. What doesn't fit is cut by the kernel, its descriptors closed. One thread at a time.
/// </summary>
internal sealed unsafe class ChildSocket(SafeFileHandle handle) : IDisposable
{
    /// <summary>Descriptors of a message: a namespace and a program.</summary>
    internal const int MostDescriptors = 2;

    /// <summary>cmsghdr and descriptors, in whole words.</summary>
    private const int ControlWords = 3;

    /// <summary>Makes both ends.</summary>
    /// <param name="child">For messages.</param>
    internal static (ChildSocket Switch, ChildSocket Child) Pair(string child)
    {
        var ends = stackalloc int[2];
        SystemCallException.ThrowIfNegative(
            Libc.socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), "socketpair", child);
        return (new(new(ends[0], ownsHandle: true)), new(new(ends[1], ownsHandle: true)));
    }

    internal SafeFileHandle Handle => handle;

    internal int Fd => (int)handle.DangerousGetHandle();

    /// <summary>Sends a message, with the descriptors that aren't negative.</summary>
    /// <returns>False: nobody is there.</returns>
    internal bool Send(ReadOnlySpan<byte> bytes, params ReadOnlySpan<int> descriptors)
    {
        var control = stackalloc ulong[ControlWords];
        var count = 0;
        foreach (var descriptor in descriptors)
        {
            if (descriptor >= 0)
                ((int*)((Libc.cmsghdr*)control + 1))[count++] = descriptor;
        }
        *(Libc.cmsghdr*)control = new()
        {
            cmsg_len = (nuint)(sizeof(Libc.cmsghdr) + count * sizeof(int)),
            cmsg_level = SOL_SOCKET,
            cmsg_type = SCM_RIGHTS,
        };
        fixed (byte* first = bytes)
        {
            var piece = new IoVector(first, bytes.Length);
            var message = new Libc.mmsghdr { msg_hdr = new() { msg_iov = &piece, msg_iovlen = 1 } };
            if (count > 0)
            {
                message.msg_hdr.msg_control = control;
                message.msg_hdr.msg_controllen = ControlWords * sizeof(ulong);
            }
            int sent;
            do
                sent = Libc.sendmmsg(Fd, &message, 1, MSG_NOSIGNAL);
            while (sent < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
            return sent > 0;
        }
    }

    /// <summary>Waits for a message. Its descriptors are the caller's to close.</summary>
    /// <param name="room">For the message.</param>
    /// <param name="descriptors">For <see cref="MostDescriptors"/>; -1 where there is none.</param>
    /// <returns>The length of the message; 0: nobody is there any more; it, too, where the message was longer than the room.</returns>
    internal int Receive(Span<byte> room, Span<int> descriptors)
    {
        descriptors.Fill(-1);
        var control = stackalloc ulong[ControlWords];
        fixed (byte* first = room)
        {
            var piece = new IoVector(first, room.Length);
            var message = new Libc.mmsghdr
            {
                msg_hdr = new()
                {
                    msg_iov = &piece, msg_iovlen = 1, msg_control = control, msg_controllen = ControlWords * sizeof(ulong),
                },
            };
            int received;
            do
                received = Libc.recvmmsg(Fd, &message, 1, MSG_CMSG_CLOEXEC, null);
            while (received < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
            if (received <= 0)
                return 0;
            TakeDescriptors(message.msg_hdr, descriptors);
            return (message.msg_hdr.msg_flags & MSG_TRUNC) != 0 ? 0 : (int)message.msg_len;
        }
    }

    /// <summary>Waits until there is a message, or nobody at the other end.</summary>
    /// <returns>Which; 0: neither in this time.</returns>
    internal short Poll(int milliseconds)
    {
        var poll = new Libc.pollfd { fd = Fd, events = Libc.POLLIN };
        while (Libc.poll(&poll, 1, milliseconds) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Errno.EINTR)
                return Libc.POLLERR;
        }
        return poll.revents;
    }

    public void Dispose() => handle.Dispose();

    /// <summary>Closes those that there are.</summary>
    internal static void Close(params ReadOnlySpan<int> descriptors)
    {
        foreach (var descriptor in descriptors)
        {
            if (descriptor >= 0)
                _ = Libc.close(descriptor);
        }
    }

    private static void TakeDescriptors(in Libc.msghdr message, Span<int> descriptors)
    {
        var header = (Libc.cmsghdr*)message.msg_control;
        if (message.msg_controllen < (nuint)sizeof(Libc.cmsghdr)
            || (header->cmsg_level, header->cmsg_type) != (SOL_SOCKET, SCM_RIGHTS))
            return;
        // SAFETY: the kernel wrote the block, of at most the words that there are; both numbers bound what is read.
        var count = int.Min((int)(header->cmsg_len - (nuint)sizeof(Libc.cmsghdr)) / sizeof(int), descriptors.Length);
        new ReadOnlySpan<int>(header + 1, int.Max(0, count)).CopyTo(descriptors);
    }
}
