using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Privileges;

/// <summary>A folder in which this program may write only by a capability that a running switch gives up.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Owner">Its owner's name, or the number where there is no name.</param>
public sealed record ForeignFolder(string Path, string Owner)
{
    /// <summary>Null: it can be written without a capability, or not even with one, or isn't there.</summary>
    public static ForeignFolder? Of(string path)
    {
        if (!MayWrite(path) || Capabilities.FoundWithout(() => MayWrite(path)))
            return null;
        return Libc.statx(Fcntl.AT_FDCWD, path, 0, Fcntl.STATX_BASIC_STATS, out var status) == 0
            ? new(path, LocalUser.Name(status.stx_uid))
            : null;
    }

    private static bool MayWrite(string path) => Libc.access(path, Fcntl.W_OK | Fcntl.X_OK) == 0;
}
