namespace SoftSwitch.SystemTests.Peers;

/// <summary>
/// What a test needs of the machine. A missing peer skips the test with one line that says what to install or do;
/// with <c>CI=true</c> in the environment it fails the test, because there everything has to be in place.
/// </summary>
public static class Need
{
    private static readonly string[] Folders =
    [
        .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries),
        "/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin",
    ];

    /// <summary>Root, or an unprivileged user namespace in its place (see <see cref="Privilege"/>).</summary>
    public static void Root()
    {
        if (Privilege.Obstacle is { } obstacle)
            Missing($"needs root, or a user namespace in its place ({obstacle}): run the tests as root");
        Tool("ip");
    }

    /// <summary>Root itself: for what works in no user namespace of one user.</summary>
    /// <param name="why">What it is for, in a few words.</param>
    public static void RealRoot(string why)
    {
        if (!Environment.IsPrivilegedProcess)
            Missing($"needs root, for {why}: run the tests as root");
    }

    /// <summary>Full path of one of <see cref="Programs"/>: before anything is made that would have to be undone without it.</summary>
    public static string Tool(string name) => Program(name, []);

    /// <summary>Full path of a program that is to run with these arguments; it, and the programs that it is to start, are there.</summary>
    internal static string Program(string name, IEnumerable<string> arguments)
    {
        if (Lack(name, arguments, Find) is { } lack) Missing(lack);
        return Find(name)!;
    }

    /// <summary>What is missing for a command, and what to install; null: nothing is.</summary>
    /// <exception cref="ArgumentException">Nobody declared the program.</exception>
    internal static string? Lack(string name, IEnumerable<string> arguments, Func<string, string?> find) =>
        Programs.In(name, arguments).FirstOrDefault(program => find(program) is null) switch
        {
            null => null,
            var path when path.Contains('/') => $"needs {path}, which does not exist",
            var program => $"needs {program}: apt-get install {Programs.Packages[program]}",
        };

    /// <summary>A file of that Debian package that this user can read.</summary>
    public static string File(string path, string package)
    {
        try
        {
            using (System.IO.File.OpenRead(path)) return path;
        }
        catch (UnauthorizedAccessException)
        {
            Missing($"needs to read {path}: chmod a+r {path}, or run the tests as root");
        }
        catch (IOException)
        {
            Missing($"needs {path}: apt-get install {package}");
        }
        return path;
    }

    /// <summary>Taps: /dev/net/tun can be opened.</summary>
    public static void Tun()
    {
        try
        {
            using var tun = new FileStream("/dev/net/tun", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        }
        catch (UnauthorizedAccessException)
        {
            Missing("needs /dev/net/tun: chmod 0666 /dev/net/tun, or run the tests as root");
        }
        catch (IOException)
        {
            Missing("needs /dev/net/tun: modprobe tun (in a container: --device /dev/net/tun)");
        }
    }

    /// <summary>The native executable: where the runtime is loaded piece by piece, it wants files and memory of its own for that.</summary>
    public static void Native()
    {
        if (System.IO.File.Exists(PublishedExecutable.Path + ".dll"))
            Missing("needs the native executable: apt-get install clang zlib1g-dev");
    }

    /// <summary>Says what is missing: skips the running test, or fails it where <c>CI=true</c>.</summary>
    public static void Missing(string line)
    {
        if (string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase))
            Assert.Fail(line);
        Assert.Skip(line);
    }

    internal static string? Find(string name)
    {
        if (name.Contains('/')) return System.IO.File.Exists(name) ? name : null;
        foreach (var folder in Folders)
        {
            var path = Path.Combine(folder, name);
            if (System.IO.File.Exists(path)) return path;
        }
        return null;
    }
}
