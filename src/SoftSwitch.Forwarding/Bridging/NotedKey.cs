using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>The latest of what workers note for people, as a number: one a second, and each anew after a while. Any worker notes, without a
/// lock: of two at once one is lost. One thread does the rest.</summary>
internal sealed class NotedKey
{
    private static readonly TimeSpan s_silence = TimeSpan.FromMinutes(1), s_memory = TimeSpan.FromMinutes(2);

    private ulong _noted, _last;
    private Instant _toldAt, _lastAt;

    /// <summary>What was noted last was taken.</summary>
    public bool IsFree => Volatile.Read(ref _noted) == 0;

    /// <summary>Most have been noted already: then nothing is written.</summary>
    /// <param name="key">Not zero.</param>
    public void Note(ulong key)
    {
        if (IsFree)
            Volatile.Write(ref _noted, key);
    }

    /// <summary>Takes what was noted.</summary>
    /// <returns>It is news.</returns>
    public bool TryTake(Instant now)
    {
        var noted = Interlocked.Exchange(ref _noted, 0);
        if (noted == 0)
            return false;
        var isNews = noted != _last || now.Milliseconds >= (_toldAt + s_silence).Milliseconds;
        (_last, _lastAt) = (noted, now);
        if (isNews)
            _toldAt = now;
        return isNews;
    }

    /// <summary>What was taken last; 0: nothing, or that is long ago.</summary>
    public ulong Recent(Instant now) => now.Milliseconds < (_lastAt + s_memory).Milliseconds ? _last : 0;
}
