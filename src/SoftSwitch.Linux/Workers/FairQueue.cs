using System.Diagnostics.CodeAnalysis;

namespace SoftSwitch.Linux.Workers;

/// <summary>
/// Who is next at a worker: who has had least of its time. So a port that keeps the worker busy takes a share, however expensive its frames
/// are, and one that has a frame now and then is served before those that always have some. Who comes back begins with no less than the
/// last who was served: nobody saves up time, but a little is forgiven. Taking looks at all that wait.
/// </summary>
/// <param name="forgiven">What who comes back had of the time is so much less: what a single frame takes must not put it behind all that
/// wait.</param>
internal sealed class FairQueue(long forgiven)
{
    private Work[] _waiting = new Work[16];
    private int _count;
    private long _least;

    public bool IsEmpty => _count == 0;

    /// <summary>One has come back. One that waits already is no error.</summary>
    public void Wake(Work work)
    {
        if (!work.IsWaiting)
            work.Used -= forgiven;
        Add(work);
    }

    /// <summary>One goes on. One that waits already is no error.</summary>
    public void Add(Work work)
    {
        if (work.IsWaiting)
            return;
        work.IsWaiting = true;
        work.Used = long.Max(work.Used, _least);
        if (_count == _waiting.Length)
            Array.Resize(ref _waiting, _waiting.Length * 2);
        _waiting[_count++] = work;
    }

    public bool TryTake([MaybeNullWhen(false)] out Work next)
    {
        next = null;
        if (_count == 0)
            return false;
        var at = 0;
        for (var i = 1; i < _count; i++)
        {
            if (_waiting[i].Used <= _waiting[at].Used)
                at = i;
        }
        next = _waiting[at];
        _least = next.Used;
        RemoveAt(at);
        return true;
    }

    /// <summary>One that doesn't wait is no error.</summary>
    public void Remove(Work work)
    {
        if (work.IsWaiting)
            RemoveAt(Array.IndexOf(_waiting, work, 0, _count));
    }

    private void RemoveAt(int at)
    {
        _waiting[at].IsWaiting = false;
        _waiting[at] = _waiting[--_count];
        _waiting[_count] = null!;
    }
}
