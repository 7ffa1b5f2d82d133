using System.Globalization;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Namespaces;

/// <summary>A process or thread as a path names it, known by the moment it began: another that gets its number began later.</summary>
/// <param name="Folder">In procfs.</param>
/// <param name="Began">Clock ticks from the machine's start; null: it wasn't there when it was looked up, and nobody is meant.</param>
internal sealed record NamedProcess(string Folder, ulong? Began)
{
    /// <summary>Where the moment stands in <c>/proc/PID/stat</c> behind the name in brackets (proc_pid_stat(5), field 22).</summary>
    private const int BeginningField = 19;

    public string Number => Path.GetFileName(Folder);

    /// <summary>Nobody else ever gets its pid: the first process, and this one.</summary>
    public bool IsForGood => Number == "1" || Number == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    public static NamedProcess LookUp(string folder) => new(folder, BeginningOf(folder));

    /// <exception cref="SystemCallException">It isn't there any more.</exception>
    public void Require()
    {
        var now = BeginningOf(Folder);
        if (now is not null && now == Began)
            return;
        throw new SystemCallException("open", Errno.ESRCH, $"network namespace of process {Number}", (Began, now) switch
        {
            (null, null) => "no process has this pid now",
            (null, _) => "no process had this pid when it was looked up, and it may be anybody's now: name one that lives, and start anew",
            (_, null) => "it has ended: name one that lives, and start anew",
            _ => "it has ended, and its pid is another's now: name one that lives, and start anew",
        });
    }

    private static ulong? BeginningOf(string folder)
    {
        try
        {
            var stat = File.ReadAllText($"{folder}/stat");
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
