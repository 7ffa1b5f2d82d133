using System.Text;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Namespaces;

/// <summary>
/// Tells by which processes a path leads: <c>/proc/812/ns/net</c>, in whatever way it is spelled (<c>task</c>, <c>fd</c>, <c>root</c>,
/// <c>self</c>, links that lead there, procfs mounted elsewhere). What such a path names is whoever's who has the pids.
/// </summary>
internal static unsafe class ProcessPath
{
    /// <summary>As the kernel follows (path_resolution(7)).</summary>
    private const int MostLinks = 40;

    private const int PathMax = 4096;

    /// <summary>The folders in procfs of processes and threads, those that aren't there as well.</summary>
    /// <param name="path">Absolute.</param>
    /// <param name="byLink">A link leads there, and may lead elsewhere one day; else the pids stand in the path itself.</param>
    public static IReadOnlyList<string> Find(string path, out bool byLink)
    {
        var found = new List<string>();
        byLink = false;
        var rest = new Stack<string>(path.Split('/').Reverse());
        var (at, links) = ("", 0);
        while (rest.TryPop(out var part))
        {
            if (part is "" or ".")
                continue;
            if (part == "..")
            {
                at = at[..int.Max(0, at.LastIndexOf('/'))];
                continue;
            }
            var isProc = IsProc(at);
            var next = $"{at}/{part}";
            if (isProc && part.All(char.IsAsciiDigit) && (Path.GetFileName(at) == "task" || !IsProc(Path.GetDirectoryName(at) ?? "")))
            {
                found.Add(next);
                at = next;
                continue;
            }
            // The kernel's own links (`root`, `cwd`) lead where no text says.
            if ((isProc && found.Count > 0) || LinkAt(next) is not { } target || links++ == MostLinks)
            {
                at = next;
                continue;
            }
            // `self` is this process, and always will be.
            byLink |= !isProc;
            foreach (var one in target.Split('/').Reverse())
                rest.Push(one);
            if (target.StartsWith('/'))
                at = "";
        }
        return found;
    }

    private static bool IsProc(string folder)
    {
        // SAFETY: struct statfs has 120 bytes on x86-64 and arm64, its type first.
        var status = stackalloc long[32];
        return Libc.statfs($"{folder}/", status) == 0 && status[0] == Fcntl.PROC_SUPER_MAGIC;
    }

    private static string? LinkAt(string path)
    {
        var target = stackalloc byte[PathMax];
        var length = Libc.readlink(path, target, PathMax);
        return length < 0 ? null : Encoding.UTF8.GetString(target, (int)length);
    }
}
