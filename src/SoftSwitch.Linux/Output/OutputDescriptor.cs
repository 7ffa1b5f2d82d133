using System.Globalization;
using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Output;

/// <summary>
/// A descriptor that people or programs read from: a terminal, a pipe, a file, a journal. A write never throws, raises no signal
/// (<see cref="IgnoredSignals"/>) and ends in bounded time: it waits by poll(2) for room, and then writes no more at a time than a pipe
/// with room takes at once (PIPE_BUF), for the descriptor is shared with others, who would be surprised to find it non-blocking. The
/// exception is a file on a disk that hangs. Not here: that one writes at a time; a line of at most <see cref="AtOnce"/> bytes arrives
/// whole in a pipe.
/// </summary>
public sealed unsafe class OutputDescriptor
{
    /// <summary>PIPE_BUF of Linux.</summary>
    public const int AtOnce = 4096;

    private readonly int _fd;

    /// <param name="fd">Stays open as long as this is used; -1: a closed one.</param>
    public OutputDescriptor(int fd)
    {
        _fd = fd;
        IsTerminal = fd >= 0 && Libc.isatty(fd) == 1;
    }

    /// <summary>A descriptor that takes nothing.</summary>
    public static OutputDescriptor Closed { get; } = new(-1);

    public bool IsTerminal { get; }

    /// <summary>Nobody can read what is written there any more, or ever could.</summary>
    public bool IsClosed
    {
        get
        {
            if (_fd < 0)
                return true;
            var poll = new Libc.pollfd { fd = _fd };
            return Libc.poll(&poll, 1, 0) > 0 && (poll.revents & (Libc.POLLERR | Libc.POLLHUP | Libc.POLLNVAL)) != 0;
        }
    }

    /// <summary>True for an errno that says: nobody reads there any more.</summary>
    public static bool SaysClosed(int errno) => errno is Errno.EPIPE or Errno.EBADF or Errno.EIO or Errno.ECONNRESET or Errno.ENXIO;

    /// <summary>True for the errno that says: there was no room in time.</summary>
    public static bool SaysFull(int errno) => errno == Errno.EAGAIN;

    /// <summary>What an errno means, for people.</summary>
    public static string Reason(int errno) => errno switch
    {
        Errno.EAGAIN => "nobody reads it fast enough",
        Errno.EFBIG => "it has the size that this process may write (ulimit -f)",
        _ => Lowered(Marshal.GetPInvokeErrorMessage(errno)),
    };

    /// <summary>It leads to the journal: $JOURNAL_STREAM of systemd.exec(5) names it by device and inode.</summary>
    /// <param name="journalStream">The variable; null: not set.</param>
    public bool IsJournal(string? journalStream)
    {
        if (_fd < 0 || journalStream is null)
            return false;
        Fcntl.statx file;
        // SAFETY: an empty path (AT_EMPTY_PATH) means the descriptor itself.
        fixed (byte* empty = "\0"u8)
        {
            if (Libc.statx(_fd, empty, Fcntl.AT_EMPTY_PATH, Fcntl.STATX_BASIC_STATS, &file) != 0)
                return false;
        }
        // dev_t as stat(2) has it: makedev(3).
        ulong major = file.stx_dev_major, minor = file.stx_dev_minor;
        var device = (major & 0xfffff000) << 32 | (major & 0xfff) << 8 | (minor & 0xffffff00) << 12 | (minor & 0xff);
        return journalStream == string.Create(CultureInfo.InvariantCulture, $"{device}:{file.stx_ino}");
    }

    /// <summary>Writes as much as is taken in the time.</summary>
    /// <param name="bytes">What to write.</param>
    /// <param name="milliseconds">How long to wait for room.</param>
    /// <param name="errno">0: all was written; EAGAIN: there was no room in time; else why it is refused.</param>
    /// <returns>Bytes written, also when the rest was refused.</returns>
    public int Write(ReadOnlySpan<byte> bytes, int milliseconds, out int errno)
    {
        var written = 0;
        errno = _fd < 0 ? Errno.EBADF : 0;
        var until = Environment.TickCount64 + milliseconds;
        while (written < bytes.Length && errno == 0)
        {
            var poll = new Libc.pollfd { fd = _fd, events = Libc.POLLOUT };
            var room = Libc.poll(&poll, 1, (int)long.Max(until - Environment.TickCount64, 0));
            if (room == 0 || (room < 0 && Marshal.GetLastPInvokeError() != Errno.EINTR))
                errno = room == 0 ? Errno.EAGAIN : Marshal.GetLastPInvokeError();
            if (room <= 0)
                continue;
            var piece = bytes[written..int.Min(bytes.Length, written + AtOnce)];
            // SAFETY: the piece stays where it is during the call.
            fixed (byte* start = piece)
            {
                var result = (int)Libc.write(_fd, start, (nuint)piece.Length);
                if (result >= 0)
                {
                    written += result;
                    continue;
                }
            }
            var refused = Marshal.GetLastPInvokeError();
            if (refused == Errno.EAGAIN && Environment.TickCount64 < until)
                Thread.Sleep(1);
            else if (refused != Errno.EINTR)
                errno = refused;
        }
        return written;
    }

    private static string Lowered(string text) =>
        text.Length > 1 && char.IsLower(text[1]) ? char.ToLowerInvariant(text[0]) + text[1..] : text;
}
