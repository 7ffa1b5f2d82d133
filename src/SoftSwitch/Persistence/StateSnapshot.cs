using System.Globalization;
using SoftSwitch.Forwarding.Images;
using SoftSwitch.Linux.Files;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Succession;

namespace SoftSwitch.Persistence;

/// <summary>
/// What a switch knew a moment ago, for the one that is started after it was killed: ways out and flows of NAT. A file in the state
/// folder for its owner's eyes only, replaced whole, once a second at most while frames flow, and else each half minute. It isn't brought
/// to the disk: what a power cut takes, guests and connections are gone with. So it counts on the same boot alone, and for a minute; an
/// orderly end removes it.
/// <para>Used by the control loop; writing is done beside it. A disk that is full costs the snapshot, nothing else.</para>
/// </summary>
/// <param name="folder">The state folder; null: nothing is kept.</param>
/// <param name="number">Which of the switches that run from the folder.</param>
/// <param name="owner">Whose it is: another switch may have the number next, and is not to go on with what this one knew.</param>
/// <param name="log">Gets a line when it can't be written, once.</param>
internal sealed class StateSnapshot(string? folder, int number, string owner, Action<string> log) : IDisposable
{
    /// <summary>In which form it is written.</summary>
    private const int Form = 1;

    /// <summary>Milliseconds from one to the next, how many times as long as making one took, and for which it counts.</summary>
    private const long Between = 1_000, Share = 20, Lifetime = 60_000;

    /// <summary>After so many, one is written again though it still holds, so that it counts whenever the switch is killed.</summary>
    private const long Fresh = Lifetime / 2;

    /// <summary>Bytes at most: a million flows take 72 MB.</summary>
    private const int MostBytes = 512 * 1024 * 1024;

    private const int Own = (int)(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    private const string BootFile = "/proc/sys/kernel/random/boot_id";

    private readonly WritesBeside _writes = new();
    private long _mayWriteAt = long.MinValue, _agesAt = long.MinValue;
    private volatile bool _hasFailed;

    /// <summary>For who keeps nothing.</summary>
    public static StateSnapshot None => new(null, 1, "", static _ => { });

    /// <summary>What makes a switch the same when it is started again: its file, its control socket, and the network namespace that it is
    /// in.</summary>
    public static string OwnerOf(string file, string socket)
    {
        using var own = NetworkNamespace.Current();
        return $"{file}\n{socket}\n{own.Identity}";
    }

    /// <summary>The name in the state folder.</summary>
    public string FileName { get; } = string.Create(CultureInfo.InvariantCulture, $"snapshot-{number}");

    /// <summary>It is time for another.</summary>
    public bool IsDue(long now) => folder is not null && now >= _mayWriteAt && _writes.AreDone;

    /// <summary>It is time for another, though nothing has happened since the last.</summary>
    public bool IsAging(long now) => now >= _agesAt;

    /// <summary>Begins to write.</summary>
    /// <param name="state">What is known, and nothing of it another's. It is disposed of behind that.</param>
    /// <param name="now">The time in milliseconds.</param>
    /// <param name="took">How long it took to make it.</param>
    public void Write(Inheritance state, long now, TimeSpan took)
    {
        _mayWriteAt = now + long.Max(Between, (long)(took.TotalMilliseconds * Share));
        _agesAt = now + Fresh;
        _writes.Begin(() => Write(state, now));
    }

    /// <summary>What a switch knew that was killed a moment ago. Nothing: there is none, it is too old, or it makes no sense.</summary>
    public Inheritance Read(long now)
    {
        try
        {
            using var own = folder is null ? null : OwnFolder.Find(folder);
            if (own?.Read(FileName, MostBytes) is not { } bytes)
                return Inheritance.Nothing;
            own.Remove(FileName);
            var image = new ImageReader(bytes);
            return image.Read<int>() == Form && image.ReadText() == Boot && image.ReadText() == owner && image.Read<long>() is var written
                && now - written is >= 0 and <= Lifetime ? Inheritance.ReadState(image) : Inheritance.Nothing;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            log($"what was known before can't be read: {StateFile.Obstacle(e)}; flows begin anew");
            return Inheritance.Nothing;
        }
    }

    /// <summary>An orderly end: there is nothing to go on with.</summary>
    public void Dispose()
    {
        if (folder is null || !_writes.Wait())
            return;
        try
        {
            using var own = OwnFolder.Find(folder);
            own?.Remove(FileName);
        }
        catch (IOException)
        {
            // It counts for a minute at most.
        }
    }

    private static string Boot => File.ReadAllText(BootFile).Trim();

    private void Write(Inheritance state, long now)
    {
        try
        {
            using var image = new ImageWriter();
            image.Write(Form);
            image.Write(Boot);
            image.Write(owner);
            image.Write(now);
            state.WriteState(image);
            if (image.Length > MostBytes)
                return;
            using var own = StateFile.Make(folder!);
            own.Write(FileName, image.Bytes, Own, replaces: true, isDurable: false);
            _hasFailed = false;
        }
        catch (Exception e)
        {
            if (!_hasFailed)
            {
                log($"what is known can't be kept in {folder}: {StateFile.Obstacle(e)}; if the switch is killed, connections through "
                    + "NAT end; write state: and a folder that can be written");
            }
            _hasFailed = true;
        }
        finally
        {
            state.Dispose();
        }
    }
}
