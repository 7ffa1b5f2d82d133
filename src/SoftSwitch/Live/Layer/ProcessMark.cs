using System.Globalization;

namespace SoftSwitch.Live.Layer;

/// <summary>
/// Which process a pid means: the boot and the moment since then when it began (proc_pid_stat(5), starttime). A number alone is given to
/// another process sooner or later, after a new boot at once, whose namespace is nobody's of whom a user spoke.
/// </summary>
internal static class ProcessMark
{
    private const string Boot = "/proc/sys/kernel/random/boot_id";

    /// <summary>Starttime among the words behind the name of the program, which has a place of its own and may have any letters.</summary>
    private const int StartWord = 22 - 3;

    /// <summary>Null: there is no such process, or nobody says.</summary>
    public static string? Of(int pid)
    {
        try
        {
            var status = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            var words = status[(status.LastIndexOf(')') + 2)..].Split(' ');
            return words.Length > StartWord ? $"{File.ReadAllText(Boot).Trim()} {words[StartWord]}" : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The process that a key means: digits alone.</summary>
    public static int? PidIn(string? netns) => netns is { Length: > 0 } && netns.All(char.IsAsciiDigit)
        && int.TryParse(netns, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : null;
}
