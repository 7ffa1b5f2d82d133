using System.Globalization;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Namespaces;

/// <summary>
/// The network namespace of a process that is named by its pid. A pid is given away again when its process has ended, so it is looked up
/// once. From then on the process is known by the moment it began, its namespace by its identity, and no other is ever opened. Nothing is
/// held open meanwhile: the namespace goes with its processes.
/// </summary>
public sealed class ProcessNamespace
{
    /// <summary>Where the moment stands in <c>/proc/PID/stat</c> behind the name in brackets (proc_pid_stat(5), field 22).</summary>
    private const int BeginningField = 19;

    private readonly string _pid;
    private readonly ulong? _began;
    private readonly NetworkNamespaceIdentity _identity;

    /// <summary>Looks the process up.</summary>
    /// <exception cref="SystemCallException">No process has this pid, or its namespace may not be opened.</exception>
    public ProcessNamespace(string pid)
    {
        (_pid, _began) = (pid, BeginningOf(pid));
        using var space = OpenOfProcess();
        _identity = space.Identity;
    }

    /// <summary>The pid in the name of a namespace: the name itself, or a part of the path that the kernel has for it. Null: there is
    /// none.</summary>
    public static string? PidIn(string netns) => netns.Split('/') switch
    {
        [var pid] when IsPid(pid) => pid,
        ["", "proc", var pid, "ns", "net"] when IsPid(pid) => pid,
        _ => null,
    };

    /// <summary>Opens the namespace that was found.</summary>
    /// <exception cref="SystemCallException">The process has ended.</exception>
    /// <exception cref="ArgumentException">It has gone to another namespace.</exception>
    public NetworkNamespace Open()
    {
        RequireProcess();
        var space = OpenOfProcess();
        if (space.Identity == _identity)
            return space;
        space.Dispose();
        throw new ArgumentException($"process {_pid} has gone to another network namespace than it was found in");
    }

    private NetworkNamespace OpenOfProcess()
    {
        var space = NetworkNamespace.Open(_pid);
        try
        {
            // Now it is certain whose it is: had the process ended before, another would have the pid.
            RequireProcess();
            return space;
        }
        catch
        {
            space.Dispose();
            throw;
        }
    }

    private void RequireProcess()
    {
        var now = BeginningOf(_pid);
        if (now is not null && now == _began)
            return;
        throw new SystemCallException("open", Errno.ESRCH, $"network namespace of process {_pid}",
            (now is null ? "it has ended" : "it has ended, and its pid is another's now") + ": name one that lives, and start anew");
    }

    private static bool IsPid(string text) => text.Length > 0 && text.All(char.IsAsciiDigit);

    /// <summary>Clock ticks from the machine's start to the process's; null: there is none.</summary>
    private static ulong? BeginningOf(string pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            // The name is what the process likes, brackets and spaces too.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return ulong.Parse(fields[BeginningField], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
