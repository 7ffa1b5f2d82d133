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
            if (Read(line) is { } user && user.Name == name)
                return user.Id;
        }
        return null;
    }

    /// <summary>The user's name, or the number where /etc/passwd has none for it or can't be read.</summary>
    public static string Name(uint id)
    {
        try
        {
            foreach (var line in File.ReadLines("/etc/passwd"))
            {
                if (Read(line) is { } user && user.Id == id)
                    return user.Name;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A container may have no such file.
        }
        return id.ToString(CultureInfo.InvariantCulture);
    }

    private static (string Name, uint Id)? Read(string line) =>
        line.Split(':') is [var name, _, var number, ..]
            && uint.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? (name, id) : null;
}
