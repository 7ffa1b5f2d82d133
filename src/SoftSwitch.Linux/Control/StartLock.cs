using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Files;

namespace SoftSwitch.Linux.Control;

/// <summary>
/// Of two programs that start at once on one control socket, only one finds a dead socket and replaces it: who starts holds a file beside
/// the socket, <c>.NAME.lock</c>, which nobody else can open. A folder that others may read would be theirs to hold (flock(2)), and no
/// switch would start. The file goes when the start is over; after a kill it stays and is held by nobody.
/// </summary>
internal sealed class StartLock : IDisposable
{
    private const int Attempts = 40;
    private const int MillisecondsBetween = 50;

    private readonly OwnFolder _folder;
    private readonly string _name;
    private readonly SafeFileHandle _file;

    private StartLock(OwnFolder folder, string name, SafeFileHandle file) => (_folder, _name, _file) = (folder, name, file);

    /// <exception cref="ControlSocketException">Somebody else starts, and doesn't end it.</exception>
    /// <exception cref="IOException">It can't be had; the message is a sentence's part.</exception>
    public static StartLock Take(string directory, string socket)
    {
        var name = $".{socket}.lock";
        var folder = OwnFolder.Find(directory) ?? throw new IOException($"{directory} is gone");
        try
        {
            for (var attempt = 0; attempt < Attempts; attempt++)
            {
                // Who had it before may have taken the name away meanwhile: then others hold another file.
                if (folder.Hold(name) is { } file)
                {
                    if (folder.Has(name, file))
                        return new(folder, name, file);
                    file.Dispose();
                    continue;
                }
                Thread.Sleep(MillisecondsBetween);
            }
            throw new ControlSocketException(
                $"another program that starts holds {Path.Combine(directory, name)}; end it, or choose another place with --socket PATH");
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>The name goes while the file is still held: who has waited for it finds that it is gone, and makes a new one.</summary>
    public void Dispose()
    {
        _folder.Remove(_name);
        _file.Dispose();
        _folder.Dispose();
    }
}
