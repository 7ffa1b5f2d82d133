namespace SoftSwitch.SystemTests.Peers;

/// <summary>One folder of this user's for what tests write; nobody else can enter it.</summary>
internal static class TemporaryFolder
{
    /// <summary>Absolute path; made when first asked for.</summary>
    public static string Path { get; } = Directory.CreateDirectory(
        System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"softswitch-tests-{Environment.UserName}"),
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;

    /// <summary>A path in it that nobody has; nothing is made there. Short enough for a Unix socket.</summary>
    public static string NewPath(string ending) => System.IO.Path.Combine(Path, $"{Guid.NewGuid().ToString("n")[..12]}{ending}");
}
