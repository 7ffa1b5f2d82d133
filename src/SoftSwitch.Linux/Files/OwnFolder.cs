using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Files;

/// <summary>
/// A folder with small files of ours, in which others may be able to write as well. Nobody can plant anything there: the way to it follows
/// nobody else's links (<see cref="FolderPath"/>), and in it none at all; a file that is made is a new one, under a name that nobody knows
/// beforehand, brought to the disk and then moved into its place; and a file that is there counts only if it is one, if it is root's or
/// ours, and if nobody else may write it. Nothing here waits for another process.
/// <para>Who is killed while it writes leaves the new file under that name. Its writer holds it (flock(2)) until it is in its place: so
/// what nobody holds is left over (<see cref="RemoveUnfinished"/>).</para>
/// </summary>
public sealed unsafe class OwnFolder : IDisposable
{
    private const int OwnerAlone = 0x180;
    private const int Permissions = 0xFFF;
    private const int MostAttempts = 16;

    /// <summary>What a new file is called until it is in its place: <c>.NAME.NUMBER.softswitch</c>, so that nobody else's is taken for
    /// one.</summary>
    private const string Unfinished = ".softswitch";

    private readonly string _path;
    private readonly SafeFileHandle _handle;

    private OwnFolder(string path, SafeFileHandle handle) => (_path, _handle) = (path, handle);

    private static int Flags => Fcntl.O_NOFOLLOW | Fcntl.O_NONBLOCK | Fcntl.O_NOCTTY | Fcntl.O_CLOEXEC;

    private int Fd => (int)_handle.DangerousGetHandle();

    /// <summary>Null: there is no such folder.</summary>
    /// <exception cref="IOException">It can't be used; the message is a sentence's part.</exception>
    public static OwnFolder? Find(string path) => Open(path, null);

    /// <param name="path">Absolute.</param>
    /// <param name="mode">Of what is missing on the way and is made, less the umask.</param>
    /// <exception cref="IOException">It can't be used; the message is a sentence's part.</exception>
    public static OwnFolder Make(string path, int mode) => Open(path, mode)!;

    public void Dispose() => _handle.Dispose();

    /// <summary>The first bytes of a file; null: there is none.</summary>
    /// <exception cref="IOException">It can't be read, or isn't ours.</exception>
    public byte[]? Read(string name, int most)
    {
        using var file = OpenFile(name, Fcntl.O_RDONLY, 0);
        if (file is null)
            return null;
        // No more room than the file takes now.
        most = (int)long.Min(most, RandomAccess.GetLength(file));
        var (bytes, count) = (new byte[most], 0);
        fixed (byte* start = bytes)
        {
            for (nint read; count < most; count += (int)read)
            {
                read = Libc.read((int)file.DangerousGetHandle(), start + count, (nuint)(most - count));
                if (read < 0)
                    throw Refusal(name, Marshal.GetLastPInvokeError());
                if (read == 0)
                    break;
            }
        }
        return bytes[..count];
    }

    /// <param name="name">The file's.</param>
    /// <param name="bytes">All that will be in it.</param>
    /// <param name="mode">Of the file, less the umask.</param>
    /// <param name="replaces">False: one that is there already stays, and this throws.</param>
    /// <param name="isDurable">It is brought to the disk before it has its name.</param>
    /// <exception cref="IOException">It can't be written.</exception>
    public void Write(string name, ReadOnlySpan<byte> bytes, int mode, bool replaces, bool isDurable = true)
    {
        using var file = MakeNew(name, mode, out var beside);
        try
        {
            Fill(file, beside, bytes, isDurable);
            if (Move(beside, name, replaces) is var errno and not 0)
                throw Refusal(name, errno);
        }
        finally
        {
            _ = Libc.unlinkat(Fd, beside, 0);
        }
    }

    /// <summary>Takes away what writers have left that were killed. What is being written stays.</summary>
    public void RemoveUnfinished()
    {
        try
        {
            foreach (var name in Directory.EnumerateFiles(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{Fd}"),
                $".*.*{Unfinished}").Select(path => Path.GetFileName(path)!))
            {
                using var file = new SafeFileHandle(Libc.openat(Fd, name, Flags | Fcntl.O_RDONLY, 0), ownsHandle: true);
                if (!file.IsInvalid && FolderPath.Status(file) is { } status && FolderPath.IsTrusted(status.stx_uid)
                    && (status.stx_mode & Fcntl.S_IFMT) == Fcntl.S_IFREG && Lock(file) == 0 && Has(name, file))
                    Remove(name);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What can't be looked through stays as it is.
        }
    }

    /// <summary>Holds a file that nobody but its owner can open, until what this returns is disposed of or the process ends. Null: another
    /// process holds it.</summary>
    /// <exception cref="IOException">It can't be had, or isn't ours.</exception>
    public SafeFileHandle? Hold(string name)
    {
        var file = OpenFile(name, Fcntl.O_RDWR | Fcntl.O_CREAT, OwnerAlone)!;
        var fd = (int)file.DangerousGetHandle();
        // Who could open it could hold it, too.
        _ = Libc.fchmod(fd, OwnerAlone);
        var errno = Lock(file);
        if (errno == 0)
            return file;
        file.Dispose();
        return errno == Errno.EAGAIN ? null : throw Refusal(name, errno);
    }

    /// <summary>This name leads to this file, which is open: nobody has taken the name away meanwhile, or given it to another.</summary>
    public bool Has(string name, SafeFileHandle file) =>
        FolderPath.Status(file) is { } open
        && Libc.statx(Fd, name, Fcntl.AT_SYMLINK_NOFOLLOW, Fcntl.STATX_BASIC_STATS, out var named) == 0
        && (named.stx_ino, named.stx_dev_major, named.stx_dev_minor) == (open.stx_ino, open.stx_dev_major, open.stx_dev_minor);

    /// <summary>Takes a file of ours away, if it is there.</summary>
    public void Remove(string name) => _ = Libc.unlinkat(Fd, name, 0);

    private static OwnFolder? Open(string path, int? made)
    {
        if (FolderPath.Open(path, made, out var errno) is { } handle)
            return new(path, handle);
        return errno switch
        {
            Errno.ENOENT or Errno.ENOTDIR when made is null => null,
            Errno.ELOOP => throw new IOException(
                $"a symbolic link of another user is on the way to {path}: name the folder that it leads to"),
            _ => throw new IOException($"{path}: {Reason(errno)}"),
        };
    }

    /// <returns>0, or why not.</returns>
    private int Move(string beside, string name, bool replaces)
    {
        if (replaces)
            return Libc.renameat(Fd, beside, Fd, name) < 0 ? Marshal.GetLastPInvokeError() : 0;
        if (Libc.renameat2(Fd, beside, Fd, name, Fcntl.RENAME_NOREPLACE) == 0)
            return 0;
        var errno = Marshal.GetLastPInvokeError();
        // Not every file system can, as NFS; a link, too, gives a name only where there is none, but others can't make any, as FAT.
        if (errno is not (Errno.EINVAL or Errno.ENOSYS))
            return errno;
        return Libc.linkat(Fd, beside, Fd, name, 0) < 0 ? Marshal.GetLastPInvokeError() : 0;
    }

    /// <summary>A new file under a name of its own, which is held.</summary>
    private SafeFileHandle MakeNew(string name, int mode, out string beside)
    {
        for (var attempt = 1; ; attempt++)
        {
            beside = $".{name}.{Random.Shared.NextInt64():x16}{Unfinished}";
            var file = new SafeFileHandle(
                Libc.openat(Fd, beside, Flags | Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_EXCL, mode), ownsHandle: true);
            if (file.IsInvalid)
                throw Refusal(beside, Marshal.GetLastPInvokeError());
            // Somebody who looks for what is left over may have been quicker, once or twice.
            if ((Lock(file) != Errno.EAGAIN && Has(beside, file)) || attempt == MostAttempts)
                return file;
            file.Dispose();
            Remove(beside);
        }
    }

    /// <summary>Holds a file until it is closed.</summary>
    /// <returns>0; EAGAIN: another process holds it; else why not.</returns>
    private static int Lock(SafeFileHandle file) =>
        Libc.flock((int)file.DangerousGetHandle(), Fcntl.LOCK_EX | Fcntl.LOCK_NB) == 0 ? 0 : Marshal.GetLastPInvokeError();

    private void Fill(SafeFileHandle file, string name, ReadOnlySpan<byte> bytes, bool isDurable)
    {
        var fd = (int)file.DangerousGetHandle();
        fixed (byte* start = bytes)
        {
            for (nint written = 0, more; written < bytes.Length; written += more)
            {
                more = Libc.write(fd, start + written, (nuint)(bytes.Length - written));
                if (more < 0)
                    throw Refusal(name, Marshal.GetLastPInvokeError());
            }
        }
        if (isDurable && Libc.fsync(fd) < 0)
            throw Refusal(name, Marshal.GetLastPInvokeError());
    }

    /// <summary>Null: there is none.</summary>
    private SafeFileHandle? OpenFile(string name, int flags, int mode)
    {
        var file = new SafeFileHandle(Libc.openat(Fd, name, Flags | flags, mode), ownsHandle: true);
        if (file.IsInvalid)
            return Marshal.GetLastPInvokeError() is var errno && errno == Errno.ENOENT ? null : throw Refusal(name, errno);
        try
        {
            Check(name, file);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private void Check(string name, SafeFileHandle file)
    {
        const int others = Fcntl.S_IWGRP | Fcntl.S_IWOTH;
        var path = Path.Combine(_path, name);
        if (FolderPath.Status(file) is not { } status || (status.stx_mode & Fcntl.S_IFMT) != Fcntl.S_IFREG)
            throw new IOException($"{path} is no file: remove it");
        if (!FolderPath.IsTrusted(status.stx_uid))
            throw new IOException(
                $"{path} belongs to {LocalUser.Name(status.stx_uid)}, who may have put it there: look into it, and remove it or chown it");
        // None: its name has just been taken away, which its reader need not mind.
        if (status.stx_nlink > 1)
            throw new IOException($"{path} is a file of another name as well, which somebody may have put there: remove it");
        if ((status.stx_mode & others) != 0)
            throw new IOException(string.Create(CultureInfo.InvariantCulture, $"{path} can be written by others, its mode is ")
                + $"{Convert.ToString(status.stx_mode & Permissions, 8)}: look into it, and chmod go-w {path}");
    }

    private IOException Refusal(string name, int errno) => new(errno == Errno.ELOOP
        ? $"{Path.Combine(_path, name)} is a symbolic link, which leads elsewhere: remove it"
        : $"{Path.Combine(_path, name)}: {Reason(errno)}");

    private static string Reason(int errno)
    {
        var text = Marshal.GetPInvokeErrorMessage(errno);
        return text.Length > 1 && char.IsLower(text[1]) ? char.ToLowerInvariant(text[0]) + text[1..] : text;
    }
}
