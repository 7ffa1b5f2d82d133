namespace SoftSwitch.Linux.Control;

/// <summary>
/// A group of this machine by name, from /etc/group (group(5)). Groups that only a directory service knows are not seen:
/// the group that may use the control socket is made by whoever installs the switch on the machine.
/// </summary>
public static class LocalGroup
{
    private const int LongestFile = 1 << 20;
    private const string File = "/etc/group";

    /// <summary>The group's id, or null when there is no such group.</summary>
    public static uint? Find(string name) => Find(name, File);

    /// <summary>The file lists this user among the group's members.</summary>
    public static bool Lists(string name, string user) => Fields(name, File) is [_, _, _, var members] && members.Split(',').Contains(user);

    internal static uint? Find(string name, string file) =>
        Fields(name, file) is { } fields && uint.TryParse(fields[2], out var id) ? id : null;

    private static string[]? Fields(string name, string file)
    {
        try
        {
            if (new FileInfo(file).Length > LongestFile)
                return null;
            foreach (var line in System.IO.File.ReadLines(file))
            {
                var fields = line.Split(':');
                if (fields.Length >= 3 && fields[0] == name && uint.TryParse(fields[2], out _))
                    return fields;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No readable file, no group.
        }
        return null;
    }
}
