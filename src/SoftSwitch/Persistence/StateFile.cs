using System.Text;
using SoftSwitch.Linux.Control;
using SoftSwitch.Linux.Files;

namespace SoftSwitch.Persistence;

/// <summary>
/// A small text file in the state folder. It is written whole beside itself, brought to the disk and moved into place, so a reader sees
/// the old one or the new one, also after a power cut. Nobody else can plant one, or lead us to another (<see cref="OwnFolder"/>); what is
/// read is bounded all the same.
/// </summary>
internal static class StateFile
{
    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Readable = Own | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>The first bytes of a file as text; null: there is no such file.</summary>
    /// <exception cref="IOException">It can't or may not be read, or is another's.</exception>
    public static string? Read(string folder, string name, int mostBytes)
    {
        using var own = OwnFolder.Find(folder);
        return own?.Read(name, mostBytes) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;
    }

    /// <param name="folder">Made where it isn't there yet, for everybody to read if root's, else for the user alone.</param>
    /// <param name="name">The file's.</param>
    /// <param name="text">All that will be in it.</param>
    /// <param name="isSecret">For its owner's eyes only.</param>
    /// <param name="replaces">False: one that is there already stays, and this throws an <see cref="IOException"/>.</param>
    /// <exception cref="IOException">It can't or may not be written.</exception>
    public static void Write(string folder, string name, string text, bool isSecret = false, bool replaces = true)
    {
        using var own = Make(folder);
        own.Write(name, Encoding.UTF8.GetBytes(text), (int)(isSecret ? Own : Readable), replaces);
    }

    /// <summary>Takes away what switches have left unfinished that were killed. Where the folder can't be had, whoever needs it says
    /// why.</summary>
    public static void RemoveUnfinished(string folder)
    {
        try
        {
            using var own = OwnFolder.Find(folder);
            own?.RemoveUnfinished();
        }
        catch (IOException)
        {
        }
    }

    /// <summary>The folder, made where it isn't there yet.</summary>
    public static OwnFolder Make(string folder)
    {
        const UnixFileMode forOwner = Own | UnixFileMode.UserExecute;
        const UnixFileMode forAll = forOwner | Readable | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return OwnFolder.Make(folder, (int)(ControlSocket.CurrentUser == 0 ? forAll : forOwner));
    }

    /// <summary>What the machine says is in the way, as a part of a sentence.</summary>
    public static string Obstacle(Exception e) => e.Message.ReplaceLineEndings(" ").TrimEnd('.');
}
