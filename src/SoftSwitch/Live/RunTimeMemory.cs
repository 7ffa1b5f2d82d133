using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SoftSwitch.Live.Layer;
using SoftSwitch.Persistence;

namespace SoftSwitch.Live;

/// <summary>
/// What was said at run time, kept over a restart: a file in the state folder for each configuration, <c>run-time-N.json</c>, replaced
/// whole at each change. One that isn't whole is set aside. The first write is waited for; later ones go on beside the answer, the latest
/// alone where several wait, and the end waits for them. Between two it rests for some times as long as one takes: who makes thousands of
/// things one by one doesn't have all of them written as often.
/// </summary>
/// <param name="folder">The state folder; null: nothing is kept.</param>
/// <param name="config">The whole path of the configuration that it belongs to.</param>
/// <param name="log">Gets a line when it can't be read or written, once.</param>
internal sealed class RunTimeMemory(string? folder, string config, Action<string> log) : IDisposable
{
    private const int MostBytes = 64 * 1024 * 1024;

    private const int RestsPerWrite = 10;

    /// <summary>As much of it is lost where the machine stops.</summary>
    private static readonly TimeSpan s_longestRest = TimeSpan.FromMilliseconds(500);

    private readonly WritesBeside _writes = new();
    private readonly ManualResetEventSlim _ends = new();
    private RunTimeLayer? _next;

    /// <summary>When it has rested, in ticks of the stopwatch.</summary>
    private long _rested;
    private volatile bool _isKept;
    private volatile string? _failure;

    /// <summary>The name in the state folder.</summary>
    public string FileName { get; } = string.Create(CultureInfo.InvariantCulture,
        $"run-time-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(config))[..4])}.json");

    /// <summary>For who keeps nothing.</summary>
    public static RunTimeMemory None => new(null, "", static _ => { });

    /// <summary>Why a restart forgets it; null: it doesn't.</summary>
    public string? Obstacle => folder is null
        ? "a restart forgets it: no folder is known to be yours; write state: and a folder into the file"
        : _failure is { } failure ? $"a restart forgets it: it can't be kept in {folder}: {failure}" : null;

    /// <summary>What was kept; nothing where it can't be read, and then it is set aside.</summary>
    public RunTimeLayer Load()
    {
        if (folder is null)
            return RunTimeLayer.Empty;
        try
        {
            if (StateFile.Read(folder, FileName, MostBytes) is not { } text)
                return RunTimeLayer.Empty;
            if (RunTimeText.Read(text, out var wrong) is { } layer)
                return layer;
            SetAside(text);
            log($"what was made at run time before doesn't run: {Path.Combine(folder, FileName)} was set aside as {Aside}: {wrong}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log($"what was made at run time before can't be read: {StateFile.Obstacle(e)}");
        }
        return RunTimeLayer.Empty;
    }

    /// <summary>Keeps a copy of what is there beside it.</summary>
    public void SetAside()
    {
        try
        {
            if (folder is not null && StateFile.Read(folder, FileName, MostBytes) is { } text)
                SetAside(text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log($"{Path.Combine(folder!, FileName)} can't be set aside: {StateFile.Obstacle(e)}");
        }
    }

    /// <summary>Begins to write. One thread at a time.</summary>
    public void Write(RunTimeLayer layer)
    {
        if (folder is null)
            return;
        if (Interlocked.Exchange(ref _next, layer) is null)
            _writes.Begin(WriteNext);
        if (!_isKept)
            _writes.Wait();
    }

    /// <summary>Waits for what is being written, unless that takes too long.</summary>
    public void Wait() => _writes.Wait();

    /// <summary>The same, and says what is forgotten where it did.</summary>
    public void Dispose()
    {
        _ends.Set();
        if (!_writes.Wait())
            log($"{Path.Combine(folder!, FileName)}: not written in time: what was made at run time last is forgotten");
    }

    private string Aside => FileName + ".aside";

    private void SetAside(string text) => StateFile.Write(folder!, Aside, text);

    private void WriteNext()
    {
        var rest = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), _rested);
        if (rest > TimeSpan.Zero)
            _ends.Wait(rest);
        if (Interlocked.Exchange(ref _next, null) is not { } layer)
            return;
        try
        {
            var start = Stopwatch.GetTimestamp();
            StateFile.Write(folder!, FileName, Encoding.UTF8.GetString(RunTimeText.Write(layer)));
            (_isKept, _failure) = (true, null);
            var end = Stopwatch.GetTimestamp();
            _rested = end + long.Min((end - start) * RestsPerWrite, (long)(s_longestRest.TotalSeconds * Stopwatch.Frequency));
        }
        catch (Exception e)
        {
            if (_failure is null)
                log($"what is made at run time can't be kept in {folder}: {StateFile.Obstacle(e)}; a restart forgets it; write state: and "
                    + "a folder that can be written");
            (_isKept, _failure) = (false, StateFile.Obstacle(e));
        }
    }
}
