using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Files;

/// <summary>
/// The way to a folder that we write in, walked name by name. A symbolic link on it counts only if root or we made it: whoever else did
/// could lead us to any place where we may write. What is opened in the folder afterwards is opened by the folder's descriptor, so nobody
/// can exchange the way under us.
/// </summary>
internal static unsafe class FolderPath
{
    /// <summary>As the kernel has it.</summary>
    private const int MostLinks = 40;

    private const int LongestLink = 4096;

    /// <summary>Opens a folder, to open, make and rename in it.</summary>
    /// <param name="path">Absolute.</param>
    /// <param name="made">The mode of what is missing on the way, which is made; null: nothing is.</param>
    /// <param name="errno">0; else why it can't be had: ELOOP where a link is a stranger's.</param>
    /// <returns>Null: it can't be had.</returns>
    internal static SafeFileHandle? Open(string path, int? made, out int errno)
    {
        var names = new Stack<string>();
        Push(names, path);
        var (here, links) = (Root(), 0);
        errno = 0;
        while (errno == 0 && names.TryPop(out var name))
        {
            var next = Next(here, name, made, out errno);
            if (errno == 0 && IsOf(next, Fcntl.S_IFDIR))
            {
                here.Dispose();
                here = next;
                continue;
            }
            using (next)
            {
                if (errno == 0)
                    errno = !IsOf(next, Fcntl.S_IFLNK) ? Errno.ENOTDIR
                        : ++links > MostLinks || Status(next) is not { } link || !IsTrusted(link.stx_uid) ? Errno.ELOOP
                        : 0;
                if (errno != 0)
                    continue;
                var target = Target(next);
                errno = target is null ? Errno.EINVAL : 0;
                Push(names, target ?? "");
                if (target?.StartsWith('/') != true)
                    continue;
            }
            here.Dispose();
            here = Root();
        }
        if (errno == 0)
            return here;
        here.Dispose();
        return null;
    }

    /// <summary>Whoever can do anyway what we can: root, and we.</summary>
    internal static bool IsTrusted(uint user) => user == 0 || user == Libc.geteuid();

    /// <summary>What a descriptor leads to.</summary>
    internal static Fcntl.statx? Status(SafeFileHandle handle)
    {
        Fcntl.statx file;
        // SAFETY: an empty path (AT_EMPTY_PATH) means the descriptor itself.
        fixed (byte* empty = "\0"u8)
        {
            return Libc.statx((int)handle.DangerousGetHandle(), empty, Fcntl.AT_EMPTY_PATH, Fcntl.STATX_BASIC_STATS, &file) == 0
                ? file : null;
        }
    }

    private static bool IsOf(SafeFileHandle handle, int type) => Status(handle) is { } file && (file.stx_mode & Fcntl.S_IFMT) == type;

    private static SafeFileHandle Root() => new(Libc.open("/", Fcntl.O_PATH | Fcntl.O_DIRECTORY | Fcntl.O_CLOEXEC), ownsHandle: true);

    private static void Push(Stack<string> names, string path)
    {
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
            names.Push(name);
    }

    private static SafeFileHandle Next(SafeFileHandle here, string name, int? made, out int errno)
    {
        var folder = (int)here.DangerousGetHandle();
        int Open() => Libc.openat(folder, name, Fcntl.O_PATH | Fcntl.O_NOFOLLOW | Fcntl.O_CLOEXEC);
        var fd = Open();
        errno = fd < 0 ? Marshal.GetLastPInvokeError() : 0;
        if (errno == Errno.ENOENT && made is { } mode)
        {
            errno = Libc.mkdirat(folder, name, (uint)mode) < 0 ? Marshal.GetLastPInvokeError() : 0;
            // Where somebody else was quicker, what counts is what is there.
            if (errno is 0 or Errno.EEXIST)
                (fd, errno) = Open() is var there and >= 0 ? (there, 0) : (-1, Marshal.GetLastPInvokeError());
        }
        return new(fd, ownsHandle: true);
    }

    /// <summary>Where a link leads; null: nowhere that could be told.</summary>
    private static string? Target(SafeFileHandle link)
    {
        var bytes = stackalloc byte[LongestLink];
        var length = (int)Libc.readlinkat((int)link.DangerousGetHandle(), "", bytes, LongestLink);
        return length > 0 ? Encoding.UTF8.GetString(bytes, length) : null;
    }
}
