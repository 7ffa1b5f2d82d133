namespace SoftSwitch.Linux.Control;

/// <summary>
/// A group of this machine by name, from /etc/group (group(5)). Groups that only a directory service knows are not seen:
/// the group that may use the control socket is made by whoever installs the switch on the machine.
/// </summary>
public static class LocalGroup
{
    private const int LongestFile = 1 << 20;

    /// <summary>The group's id, or null when there is no such group.</summary>
    public static uint? Find(string name) => Find(name, "/etc/group");

    internal static uint? Find(string name, string file)
    {
        try
        {
            if (new FileInfo(file).Length > LongestFile)
                return null;
            foreach (var line in File.ReadLines(file))
            {
                var fields = line.Split(':');
                if (fields.Length >= 3 && fields[0] == name && uint.TryParse(fields[2], out var id))
                    return id;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No readable file, no group.
        }
        return null;
    }
}
