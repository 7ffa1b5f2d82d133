using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Files;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Output;

/// <summary>
/// A record of lines in a file, appended to. Each call opens the file anew, so that it may be rotated under it, and makes it where it is
/// missing: 0640, less the umask, for a record of who spoke to whom is not everybody's; a file that is there already loses what others may
/// do with it. What can't be written whole is not written at all: half a line is taken away again, and where somebody else left one, the
/// next begins on a line of its own. Where others may write in its folder, nobody can plant it: a symbolic link is refused, and so is
/// one of another user's on the way (<see cref="FolderPath"/>), another user's file, and one that has a second name. May hang where the
/// disk does.
/// </summary>
public static unsafe class LineFile
{
    /// <summary>Mode of a file that is made: rw-r-----.</summary>
    public const int Mode = 0x1A0;

    /// <summary>A FIFO without a reader, or with one that is asleep, is to say so, so it is opened non-blocking.</summary>
    private static int Flags => Fcntl.O_NOFOLLOW | Fcntl.O_NONBLOCK | Fcntl.O_NOCTTY | Fcntl.O_CLOEXEC;

    /// <summary>Appends lines; without any, makes sure that they could be.</summary>
    /// <param name="path">Absolute.</param>
    /// <param name="lines">Whole lines, each with its end.</param>
    /// <param name="errno">0: all were written; else why the rest was not.</param>
    /// <param name="isEverybodys">It is a file that others may read or write, and not ours to change that.</param>
    /// <returns>Bytes of the lines that were written.</returns>
    public static int Append(string path, ReadOnlySpan<byte> lines, out int errno, out bool isEverybodys)
    {
        isEverybodys = false;
        using var folder = FolderPath.Open(Path.GetDirectoryName(path) ?? "/", null, out errno);
        if (folder is null)
            return 0;
        var (at, name) = ((int)folder.DangerousGetHandle(), Path.GetFileName(path) is { Length: > 0 } last ? last : ".");
        var fd = Libc.openat(at, name, Flags | Fcntl.O_WRONLY | Fcntl.O_APPEND | Fcntl.O_CREAT, Mode);
        if (fd < 0)
        {
            errno = Marshal.GetLastPInvokeError();
            return 0;
        }
        try
        {
            errno = Planted(folder, fd);
            if (errno != 0)
                return 0;
            isEverybodys = !CloseToOthers(fd);
            return lines.IsEmpty ? Nothing(out errno)
                : SizeOf(fd) is { } size ? AppendToFile(fd, at, name, size, lines, out errno)
                : WriteLineByLine(fd, lines, out errno);
        }
        finally
        {
            _ = Libc.close(fd);
        }
    }

    /// <summary>What an errno of <see cref="Append"/> means and what cures it, after the file's name.</summary>
    public static string Obstacle(string path, int errno) => errno switch
    {
        Errno.ENOENT or Errno.ENOTDIR when Path.GetDirectoryName(path) is var folder =>
            $"there is no folder {folder}; make it: mkdir -p {folder}",
        Errno.EACCES or Errno.EPERM => "permission denied; its folder must belong to the user that runs the switch",
        Errno.ELOOP => "it is a symbolic link, or another user's leads there; name the file that it leads to",
        Errno.EEXIST => "it belongs to another user, and others can write in its folder: who put it there? Remove it, or name another",
        Errno.EMLINK => "it has a second name, and others can write in its folder: who gave it that? Remove it, or name another",
        Errno.EISDIR => "it is a folder; name a file in it",
        Errno.EROFS => "the file system is read-only",
        Errno.ENXIO => "nobody reads this pipe",
        Errno.ENOSPC or Errno.EDQUOT => "no space is left there",
        _ => OutputDescriptor.Reason(errno),
    };

    /// <summary>Takes others' rights away from a file. False: they have some, and it isn't ours.</summary>
    private static bool CloseToOthers(int fd)
    {
        const int others = 7, all = 0xFFF;
        return Status(fd) is not { } file || (file.stx_mode & Fcntl.S_IFMT) != Fcntl.S_IFREG || (file.stx_mode & others) == 0
            || Libc.fchmod(fd, (uint)(file.stx_mode & all & ~others)) == 0;
    }

    /// <summary>Why somebody else may have put it there; 0: nobody can have.</summary>
    private static int Planted(SafeFileHandle folder, int fd)
    {
        if (Status(fd) is not { } file || (file.stx_mode & Fcntl.S_IFMT) != Fcntl.S_IFREG
            || FolderPath.Status(folder) is not { } around
            || ((around.stx_mode & Fcntl.S_IWOTH) == 0 && FolderPath.IsTrusted(around.stx_uid)))
            return 0;
        return !FolderPath.IsTrusted(file.stx_uid) ? Errno.EEXIST : file.stx_nlink > 1 ? Errno.EMLINK : 0;
    }

    private static int Nothing(out int errno) => errno = 0;

    private static int AppendToFile(int fd, int folder, string name, long size, ReadOnlySpan<byte> lines, out int errno)
    {
        var before = size;
        if (size > 0 && LastByte(folder, name, size) is { } last and not (byte)'\n')
        {
            if (Write(fd, "\n"u8, out errno) == 0)
                return 0;
            before++;
        }
        var written = Write(fd, lines, out errno);
        if (written == lines.Length)
            return written;
        var whole = lines[..written].LastIndexOf((byte)'\n') + 1;
        // Ours to take away only while it is the file's last.
        if (whole < written && SizeOf(fd) == before + written)
            _ = Libc.ftruncate(fd, before + whole);
        return whole;
    }

    /// <summary>Into a pipe or device: as many lines at a time as go whole or not at all.</summary>
    private static int WriteLineByLine(int fd, ReadOnlySpan<byte> lines, out int errno)
    {
        var written = 0;
        errno = 0;
        while (written < lines.Length && errno == 0)
        {
            var rest = lines[written..];
            var piece = rest[..int.Min(rest.Length, OutputDescriptor.AtOnce)];
            var whole = piece.LastIndexOf((byte)'\n') + 1;
            var taken = Write(fd, whole > 0 ? piece[..whole] : piece, out errno);
            written += errno == 0 ? taken : piece[..taken].LastIndexOf((byte)'\n') + 1;
        }
        return written;
    }

    private static int Write(int fd, ReadOnlySpan<byte> bytes, out int errno)
    {
        var written = 0;
        errno = 0;
        // SAFETY: the bytes stay where they are during the calls.
        fixed (byte* start = bytes)
        {
            while (written < bytes.Length && errno == 0)
            {
                var result = Libc.write(fd, start + written, (nuint)(bytes.Length - written));
                if (result >= 0)
                    written += (int)result;
                else if (Marshal.GetLastPInvokeError() is var refused and not Errno.EINTR)
                    errno = refused;
            }
        }
        return written;
    }

    /// <summary>Null: it isn't a file of bytes.</summary>
    private static long? SizeOf(int fd) => Status(fd) is { } file && (file.stx_mode & Fcntl.S_IFMT) == Fcntl.S_IFREG
        ? (long)file.stx_size
        : null;

    private static Fcntl.statx? Status(int fd)
    {
        Fcntl.statx file;
        // SAFETY: an empty path (AT_EMPTY_PATH) means the descriptor itself.
        fixed (byte* empty = "\0"u8)
        {
            return Libc.statx(fd, empty, Fcntl.AT_EMPTY_PATH, Fcntl.STATX_BASIC_STATS, &file) == 0 ? file : null;
        }
    }

    private static byte? LastByte(int folder, string name, long size)
    {
        var fd = Libc.openat(folder, name, Flags | Fcntl.O_RDONLY);
        if (fd < 0)
            return null;
        byte last;
        var read = Libc.pread(fd, &last, 1, size - 1);
        _ = Libc.close(fd);
        return read == 1 ? last : null;
    }
}
