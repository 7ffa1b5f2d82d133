using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux;

/// <summary>
/// The path that this program was executed by, as it was named then: a symbolic link that chooses among installed versions may lead to
/// another one by now, and the version that was started may be gone.
/// </summary>
/// <remarks>
/// It is what execve(2) was told, which the kernel keeps; argv[0] is whatever the starter likes, and /proc/self/exe has no links any more.
/// What is there later is executed with the rights that we have. So the path counts only while nobody else can choose what that is: it is
/// absolute, it names the file that runs, every folder, link and file on its way is root's or ours, and the rights are the starter's. Where
/// they are the file's own (file capabilities), whoever has a link to it would hand them to what he likes. Root has no more by that; there
/// AT_SECURE says only that a security module has put the program into a domain of its own.
/// </remarks>
internal static unsafe class StartedPath
{
    /// <summary>As the kernel has it.</summary>
    private const int MostLinks = 40;

    private const string Own = "/proc/self/exe";

    /// <summary>Null: it can't be known, or not be trusted.</summary>
    internal static string? Find() =>
        (Libc.getauxval(SysProcess.AT_SECURE) == 0 || IsRoots) && Libc.getauxval(SysProcess.AT_EXECFN) is > 0 and var told
        && Marshal.PtrToStringUTF8((nint)told) is { } path && IsSameFile(path, Own) && IsOurs(path) ? path : null;

    private static bool IsRoots => Libc.getauxval(SysProcess.AT_UID) == 0 && Libc.geteuid() == 0;

    /// <summary>Nobody but root and who we are can change what a path leads to.</summary>
    internal static bool IsOurs(string path)
    {
        if (!path.StartsWith('/'))
            return false;
        var names = new Stack<string>();
        Push(names, path);
        var (here, links) = ("/", 0);
        while (names.TryPop(out var name))
        {
            if (name is "." or "..")
            {
                here = name == "." ? here : Path.GetDirectoryName(here) ?? "/";
                continue;
            }
            var next = Path.Combine(here, name);
            if (Libc.statx(Fcntl.AT_FDCWD, next, Fcntl.AT_SYMLINK_NOFOLLOW, Fcntl.STATX_BASIC_STATS, out var entry) != 0
                || !(entry.stx_uid == 0 || entry.stx_uid == Libc.geteuid()))
                return false;
            switch (entry.stx_mode & Fcntl.S_IFMT)
            {
                case Fcntl.S_IFDIR when IsForAll(entry.stx_mode):
                    return false;
                case Fcntl.S_IFDIR:
                    here = next;
                    break;
                case Fcntl.S_IFLNK:
                    // What the links of a process lead to has no fixed way (/proc/self/fd/5).
                    if (++links > MostLinks || next.StartsWith("/proc/", StringComparison.Ordinal)
                        || new FileInfo(next).LinkTarget is not { } target)
                        return false;
                    Push(names, target);
                    here = target.StartsWith('/') ? "/" : here;
                    break;
                default:
                    return names.Count == 0;
            }
        }
        return false;
    }

    /// <summary>Anybody may put something in another's place there. Where everybody keeps his own, as in /tmp, nobody may.</summary>
    private static bool IsForAll(int mode) => (mode & Fcntl.S_IWOTH) != 0 && (mode & Fcntl.S_ISVTX) == 0;

    private static bool IsSameFile(string one, string other) => Status(one) is { } first && Status(other) is { } second
        && (first.stx_ino, first.stx_dev_major, first.stx_dev_minor) == (second.stx_ino, second.stx_dev_major, second.stx_dev_minor);

    private static Fcntl.statx? Status(string path) =>
        Libc.statx(Fcntl.AT_FDCWD, path, 0, Fcntl.STATX_BASIC_STATS, out var file) == 0 ? file : null;

    private static void Push(Stack<string> names, string path)
    {
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
            names.Push(name);
    }
}
