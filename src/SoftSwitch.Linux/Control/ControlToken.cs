using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Files;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Control;

/// <summary>
/// Who can read it may use a switch where the kernel doesn't say who asks: a random text in a file beside the control socket, whose path is
/// that of the socket and <see cref="Suffix"/>. Those who may use the socket may read it. Another one for each start; it goes with its
/// switch.
/// </summary>
public sealed class ControlToken : IDisposable
{
    public const string Suffix = ".token";

    private const int Bytes = 32;

    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    private readonly byte[] _text;

    private ControlToken(string path, string text) => (Path, _text) = (path, Encoding.ASCII.GetBytes(text));

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Makes it anew. Giving it the socket's group takes more privilege than a running switch has.</summary>
    /// <exception cref="ControlSocketException">It can't be written there.</exception>
    public static ControlToken Make(ControlSocket socket)
    {
        var (path, text) = (PathBeside(socket.Path), Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes)));
        var name = System.IO.Path.GetFileName(path);
        var privateName = string.Create(CultureInfo.InvariantCulture, $".{Environment.ProcessId:x}-{Random.Shared.NextInt64():x}");
        using var folder = FolderPath.Open(System.IO.Path.GetDirectoryName(path)!, null, out var errno) ?? throw NotWritten(path, errno);
        var at = (int)folder.DangerousGetHandle();
        using var file = new SafeFileHandle(Libc.openat(
            at, privateName, Fcntl.O_CREAT | Fcntl.O_EXCL | Fcntl.O_WRONLY | Fcntl.O_NOFOLLOW | Fcntl.O_CLOEXEC, 0), ownsHandle: true);
        if (file.IsInvalid)
            throw NotWritten(path, Marshal.GetLastPInvokeError());
        try
        {
            RandomAccess.Write(file, Encoding.ASCII.GetBytes(text + "\n"), 0);
            // The group first: nobody else's may read it for a moment.
            _ = Libc.fchownat((int)file.DangerousGetHandle(), "", uint.MaxValue, socket.Group, Fcntl.AT_EMPTY_PATH);
            if (Libc.fchmod((int)file.DangerousGetHandle(), (uint)Mode) != 0 || Libc.renameat(at, privateName, at, name) != 0)
                throw NotWritten(path, Marshal.GetLastPInvokeError());
            return new(path, text);
        }
        catch (Exception e)
        {
            _ = Libc.unlinkat(at, privateName, 0);
            if (e is IOException and not ControlSocketException)
                throw new ControlSocketException($"cannot write the token {path}: {e.Message}");
            throw;
        }
    }

    /// <summary>The one that was made for a socket before, by the same process.</summary>
    /// <exception cref="ControlSocketException">It isn't there any more.</exception>
    public static ControlToken Of(ControlSocket socket)
    {
        var path = PathBeside(socket.Path);
        try
        {
            return new(path, File.ReadAllText(path).TrimEnd('\n'));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ControlSocketException($"the token in {path} can't be read: {e.Message}");
        }
    }

    /// <summary>The same text, compared in a time that says nothing of how much of it is right.</summary>
    public bool Is(string text) => CryptographicOperations.FixedTimeEquals(_text, Encoding.UTF8.GetBytes(text));

    public void Dispose()
    {
        try
        {
            File.Delete(Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It opens nothing any more.
        }
    }

    private static ControlSocketException NotWritten(string path, int errno) => new(
        $"cannot write the token {path}: {Marshal.GetPInvokeErrorMessage(errno)}; leave listen: out, or choose another place with "
            + "--socket PATH");

    private static string PathBeside(string socket) => socket + Suffix;
}
