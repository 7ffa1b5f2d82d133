using System.Text;
using SoftSwitch.Linux.Control;

namespace SoftSwitch.Persistence;

/// <summary>
/// A small text file in the state folder. It is written whole beside itself, brought to the disk and moved into place, so a reader sees
/// the old one or the new
/// one, also after a power cut. What is read is bounded: somebody else may have written it.
/// </summary>
internal static class StateFile
{
    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Readable = Own | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>The first bytes of a file as text; null: there is no such file.</summary>
    /// <exception cref="IOException">It can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static string? Read(string folder, string name, int mostBytes)
    {
        try
        {
            var path = Path.Combine(folder, name);
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[mostBytes];
            return Encoding.UTF8.GetString(bytes, 0, stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <param name="folder">Made where it isn't there yet, for everybody to read if root's, else for the user alone.</param>
    /// <param name="name">The file's.</param>
    /// <param name="text">All that will be in it.</param>
    /// <param name="isSecret">For its owner's eyes only.</param>
    /// <param name="replaces">False: one that is there already stays, and this throws an <see cref="IOException"/>.</param>
    /// <exception cref="IOException">It can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Write(string folder, string name, string text, bool isSecret = false, bool replaces = true)
    {
        MakeFolder(folder);
        var path = Path.Combine(folder, name);
        var beside = $"{path}.{Environment.ProcessId}";
        try
        {
            // What an earlier process of our number has left, or put there as a link to something else.
            File.Delete(beside);
            using (var stream = new FileStream(beside, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = isSecret ? Own : Readable,
            }))
            {
                stream.Write(Encoding.UTF8.GetBytes(text));
                stream.Flush(flushToDisk: true);
            }
            File.Move(beside, path, replaces);
        }
        catch
        {
            TryDelete(beside);
            throw;
        }
    }

    public static void MakeFolder(string folder)
    {
        const UnixFileMode forOwner = Own | UnixFileMode.UserExecute;
        const UnixFileMode forAll = forOwner | Readable | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        Directory.CreateDirectory(folder, ControlSocket.CurrentUser == 0 ? forAll : forOwner);
    }

    /// <summary>What the machine says is in the way, as a part of a sentence.</summary>
    public static string Obstacle(Exception e) => e.Message.ReplaceLineEndings(" ").TrimEnd('.');

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The first obstacle is the one to tell.
        }
    }
}
