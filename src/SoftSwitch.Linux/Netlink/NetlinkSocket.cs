using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Keeping;
using SoftSwitch.Linux.Namespaces;
using static SoftSwitch.Linux.Interop.Netlink;
using static SoftSwitch.Linux.Interop.SysSocket;

namespace SoftSwitch.Linux.Netlink;

/// <summary>
/// One netlink socket (netlink(7)): a request goes out, its acknowledgement or its dump comes back, one at a time.
/// </summary>
/// <remarks>
/// The kernel answers within the send; the wait is bounded anyway. Answers are told by sequence number and must come from the kernel;
/// what belongs to an earlier request is skipped. A refusal carries the kernel's own text. Not thread-safe: the owner locks.
/// The socket belongs for life to the namespace that it was made in.
/// </remarks>
internal sealed unsafe class NetlinkSocket : IDisposable
{
    private const int ReceiveSize = 64 * 1024;
    private const int AnswerMilliseconds = 10_000;
    internal const int DumpAttempts = 5;

    private readonly SafeFileHandle _handle;
    /// <summary>Each of thousands of endpoints has a socket, and hardly ever reads two at a time.</summary>
    private static readonly ConcurrentBag<byte[]> s_buffers = [];

    private byte[]? _buffer;
    private uint _sequence;

    /// <param name="groups">RTMGRP_* to listen to; 0 for requests.</param>
    /// <param name="protocol">NETLINK_*.</param>
    /// <param name="inside">The namespace that it is about; null: the calling thread's.</param>
    internal NetlinkSocket(uint groups = 0, int protocol = NETLINK_ROUTE, NetworkNamespace? inside = null)
    {
        _handle = NetworkNamespace.Open(
            inside, Opening.Socket(AF_NETLINK, SOCK_RAW | (groups == 0 ? 0 : SOCK_NONBLOCK), protocol), "netlink");
        try
        {
            var fd = Fd;
            // Older kernels lack these; all they cost is the text of an error.
            var on = 1;
            Libc.setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(int));
            Libc.setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(int));
            var address = new sockaddr_nl { nl_family = AF_NETLINK, nl_groups = groups };
            SystemCallException.ThrowIfNegative(Libc.bind(fd, &address, (uint)sizeof(sockaddr_nl)), "bind", "netlink");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Goes on with one for requests that the program before this one has opened in this process. Nothing waits in it.</summary>
    internal NetlinkSocket(SafeFileHandle handle) => _handle = handle;

    /// <summary>For who keeps it open across an execution.</summary>
    internal SafeHandle Handle => _handle;

    internal int Fd
    {
        get
        {
            ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
            return (int)_handle.DangerousGetHandle();
        }
    }

    /// <summary>Sends a change, or a question for one object, and waits for its acknowledgement.</summary>
    internal void Request(Span<byte> message, string call, string subject, MessageHandler? answer = null)
    {
        var errno = Ask(message, call, subject, answer, out var text);
        if (errno != 0)
            throw new SystemCallException(call, errno, subject, detail: text);
    }

    /// <summary>The same, where a refusal is an answer as good as another.</summary>
    /// <returns>What the kernel refused it with; 0: it didn't.</returns>
    internal int Ask(Span<byte> message, string call, string subject, MessageHandler? answer) =>
        Ask(message, call, subject, answer, out _);

    private int Ask(Span<byte> message, string call, string subject, MessageHandler? answer, out string? text)
    {
        ref var header = ref MemoryMarshal.AsRef<nlmsghdr>(message);
        header.nlmsg_flags |= NLM_F_ACK;
        Send(message, call, subject);
        return Receive(call, subject, answer, out _, out text);
    }

    /// <summary>
    /// Sends several messages as one change that happens whole or not at all (a batch of nfnetlink), and waits for its end. All bear one
    /// sequence number, and the last change asks for the acknowledgement: the first answer of this number is the verdict.
    /// </summary>
    internal void Batch(Span<byte> messages, string call, string subject)
    {
        for (var rest = messages; !rest.IsEmpty; rest = rest[(int)MemoryMarshal.Read<uint>(rest)..])
            MemoryMarshal.AsRef<nlmsghdr>(rest).nlmsg_seq = _sequence + 1;
        Send(messages, call, subject);
        Receive(call, subject, null);
    }

    /// <summary>
    /// Asks for a list. When it changed while the kernel wrote it, <paramref name="restart"/> is called and the list asked for again.
    /// </summary>
    internal void Dump(Span<byte> message, string call, string subject, Action restart, MessageHandler answer, int attempts = DumpAttempts)
    {
        MemoryMarshal.AsRef<nlmsghdr>(message).nlmsg_flags |= NLM_F_DUMP;
        for (var attempt = 1; ; attempt++)
        {
            restart();
            Send(message, call, subject);
            if (Receive(call, subject, answer) || attempt == attempts)
                return;
        }
    }

    /// <summary>
    /// From here on a question for a list may choose among the entries: the kernel heeds the choice or refuses it (NETLINK_GET_STRICT_CHK,
    /// Linux 4.20). An older kernel tells all there is, so what comes must be looked at all the same.
    /// </summary>
    internal void Choose(bool strictly)
    {
        var on = strictly ? 1 : 0;
        _ = Libc.setsockopt(Fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(int));
    }

    /// <summary>Room for news that comes while nobody reads, beyond the administrator's limit where we may.</summary>
    internal void SetQueue(int bytes)
    {
        if (Libc.setsockopt(Fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(int)) < 0)
            _ = Libc.setsockopt(Fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(int));
    }

    /// <summary>Lets only news through that passes this filter.</summary>
    internal void Filter(ReadOnlySpan<Interop.Filter.sock_filter> program, string subject)
    {
        fixed (Interop.Filter.sock_filter* first = program)
        {
            var whole = new Interop.Filter.sock_fprog { len = (ushort)program.Length, filter = first };
            SystemCallException.ThrowIfNegative(
                Libc.setsockopt(Fd, SOL_SOCKET, SO_ATTACH_FILTER, &whole, (uint)sizeof(Interop.Filter.sock_fprog)),
                nameof(SO_ATTACH_FILTER), subject);
        }
    }

    /// <summary>One datagram from the kernel. Empty: nothing there now. Valid until the next call.</summary>
    /// <exception cref="SystemCallException">ENOBUFS: the kernel had more to say than the socket could hold, and some is lost.</exception>
    internal ReadOnlySpan<byte> ReadDatagram(string call, string subject)
    {
        while (true)
        {
            sockaddr_nl from;
            var size = (uint)sizeof(sockaddr_nl);
            nint length;
            var room = _buffer ??= s_buffers.TryTake(out var free) ? free : GC.AllocateUninitializedArray<byte>(ReceiveSize);
            // SAFETY: the array is as long as the call is told; with MSG_TRUNC the length returned may exceed it.
            fixed (byte* buffer = room)
                length = Libc.recvfrom(Fd, buffer, ReceiveSize, MSG_TRUNC, &from, &size);
            if (length < 0)
            {
                var errno = Marshal.GetLastPInvokeError();
                if (errno == Errno.EINTR)
                    continue;
                if (errno == Errno.EAGAIN)
                    return default;
                throw new SystemCallException(call, errno, subject);
            }
            if (length > ReceiveSize)
                throw new SystemCallException(call, Errno.EMSGSIZE, subject);
            if (from.nl_pid == 0 && length > 0)
                return room.AsSpan(0, (int)length);
        }
    }

    /// <summary>What was read last isn't needed any more.</summary>
    private void GiveBackBuffer()
    {
        if (_buffer is { } used)
            s_buffers.Add(used);
        _buffer = null;
    }

    public void Dispose() => _handle.Dispose();

    private void Send(Span<byte> message, string call, string subject)
    {
        MemoryMarshal.AsRef<nlmsghdr>(message).nlmsg_seq = ++_sequence;
        var kernel = new sockaddr_nl { nl_family = AF_NETLINK };
        fixed (byte* bytes = message)
        {
            while (Libc.sendto(Fd, bytes, (nuint)message.Length, 0, &kernel, (uint)sizeof(sockaddr_nl)) < 0)
            {
                if (Marshal.GetLastPInvokeError() != Errno.EINTR)
                    SystemCallException.ThrowLast(call, subject);
            }
        }
    }

    /// <summary>Reads until this request's end; false: the list changed while it was written.</summary>
    private bool Receive(string call, string subject, MessageHandler? answer)
    {
        var errno = Receive(call, subject, answer, out var whole, out var text);
        return errno == 0 ? whole : throw new SystemCallException(call, errno, subject, detail: text);
    }

    private int Receive(string call, string subject, MessageHandler? answer, out bool whole, out string? text)
    {
        whole = true;
        try
        {
            while (true)
            {
                Await(call, subject);
                var messages = new MessageReader(ReadDatagram(call, subject));
                while (messages.Next())
                {
                    var header = messages.Header;
                    if (header.nlmsg_seq != _sequence)
                        continue;
                    whole &= (header.nlmsg_flags & NLM_F_DUMP_INTR) == 0;
                    switch (header.nlmsg_type)
                    {
                        case NLMSG_ERROR or NLMSG_DONE:
                            return messages.ReadStatus(out text);
                        case NLMSG_NOOP or NLMSG_OVERRUN:
                            break;
                        default:
                            answer?.Invoke(header.nlmsg_type, messages.Payload);
                            break;
                    }
                }
            }
        }
        finally
        {
            GiveBackBuffer();
        }
    }

    private void Await(string call, string subject)
    {
        var wait = new Libc.pollfd { fd = Fd, events = Libc.POLLIN };
        int ready;
        do
            ready = Libc.poll(&wait, 1, AnswerMilliseconds);
        while (ready < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
        if (ready == 0)
            throw new SystemCallException(call, Errno.ETIMEDOUT, subject);
        if (ready < 0)
            SystemCallException.ThrowLast(call, subject);
    }
}
