using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Files;

/// <summary>
/// A file of somebody's that gets another content: a new file beside it, brought to the disk, moves into its place, so a reader sees the
/// old one or the new one, also after a power cut. Owner, group and mode stay. Where its name is a link, what that leads to is replaced.
/// </summary>
public static class ReplacedFile
{
    private const int Permissions = 0xFFF;
    private const UnixFileMode ForNew =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <param name="path">The file; made, if there is none.</param>
    /// <param name="bytes">All that will be in it.</param>
    /// <exception cref="IOException">It can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        path = (File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName : null) ?? Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(path)!;
        var beside = Path.Combine(folder, $".{Path.GetFileName(path)}.{Random.Shared.NextInt64():x16}.softswitch");
        using var old = File.Exists(path) ? File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete) : null;
        var status = old is null ? null : FolderPath.Status(old);
        // A new one (O_EXCL): nobody's link is followed.
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            BufferSize = 0,
            UnixCreateMode = status is null ? ForNew : UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        try
        {
            using (var stream = new FileStream(beside, options))
            {
                if (status is { } kept)
                    Give(stream.SafeFileHandle, kept, path);
                stream.Write(bytes);
                stream.Flush(flushToDisk: true);
            }
            File.Move(beside, path, overwrite: true);
            using var around = new SafeFileHandle(
                Libc.open(folder, Fcntl.O_RDONLY | Fcntl.O_DIRECTORY | Fcntl.O_CLOEXEC), ownsHandle: true);
            if (!around.IsInvalid)
                _ = Libc.fsync((int)around.DangerousGetHandle());
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }

    /// <summary>The owner first: chown(2) takes bits of the mode away.</summary>
    private static void Give(SafeFileHandle file, Fcntl.statx to, string path)
    {
        if (FolderPath.Status(file) is not { } own || ((own.stx_uid, own.stx_gid) != (to.stx_uid, to.stx_gid)
            && Libc.fchownat((int)file.DangerousGetHandle(), "", to.stx_uid, to.stx_gid, Fcntl.AT_EMPTY_PATH) != 0))
            throw new UnauthorizedAccessException($"{path} belongs to {LocalUser.Name(to.stx_uid)}, and a new one can't be given away");
        File.SetUnixFileMode(file, (UnixFileMode)(to.stx_mode & Permissions));
    }
}
