using System.Globalization;

namespace SoftSwitch.Linux;

/// <summary>The users of this machine (passwd(5)).</summary>
public static class LocalUser
{
    /// <summary>The user's id, or null when /etc/passwd has no such name.</summary>
    public static uint? Find(string name)
    {
        foreach (var line in File.ReadLines("/etc/passwd"))
        {
            var fields = line.Split(':');
            if (fields.Length > 2 && fields[0] == name && uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var uid))
                return uid;
        }
        return null;
    }
}
