using System.Globalization;

namespace SoftSwitch.Linux.HostFacts;

/// <summary>Finds the process that holds a socket, by its inode, in /proc (proc(5)); only of processes that the caller may look
/// into.</summary>
internal static class SocketOwner
{
    /// <summary><c>nginx (pid 812)</c>, or null.</summary>
    internal static string? Find(uint inode)
    {
        if (inode == 0)
            return null;
        var target = string.Create(CultureInfo.InvariantCulture, $"socket:[{inode}]");
        return FindProcess(process => Directory.EnumerateFiles(process + "/fd").Any(fd => new FileInfo(fd).LinkTarget == target));
    }

    /// <summary>The first process of which something holds, as <c>nginx (pid 812)</c>, or null.</summary>
    /// <param name="holds">Is handed the process's folder.</param>
    internal static string? FindProcess(Func<string, bool> holds)
    {
        foreach (var process in Directory.EnumerateDirectories("/proc"))
        {
            var pid = Path.GetFileName(process);
            if (pid.All(char.IsAsciiDigit) && Holds(process, holds))
                return $"{Name(process)} (pid {pid})";
        }
        return null;
    }

    private static bool Holds(string process, Func<string, bool> holds)
    {
        try
        {
            return holds(process);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile, or is somebody else's.
            return false;
        }
    }

    private static string Name(string process)
    {
        try
        {
            // A program chooses its own name: no control characters of its choice on a terminal.
            return string.Concat(File.ReadAllText(process + "/comm").Where(c => !char.IsControl(c)));
        }
        catch (IOException)
        {
            return "a program";
        }
    }
}
