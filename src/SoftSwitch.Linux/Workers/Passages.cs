using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Ports;

namespace SoftSwitch.Linux.Workers;

/// <summary>The passages of a worker: the one that the next burst goes into, those in which something rests, and those to spare. The
/// worker's alone.</summary>
/// <param name="worker">Its number.</param>
/// <param name="failed">Told of an output that throws.</param>
internal sealed class Passages(int worker, Action<Port, Exception> failed) : IDisposable
{
    /// <summary>How many there may be, which is how many ports may rest in the middle of what they have brought. More than that go on to
    /// the end: a passage is 35 MB of address space, and what frames have been in of it is memory until it is given back
    /// (<see cref="Trim"/>).</summary>
    private const int Most = 64;

    /// <summary>Made before the first frame comes, so that the first that rest allocate nothing.</summary>
    private const int Ready = 2;

    private readonly List<Passage> _all = [];
    private readonly Stack<Passage> _spare = [];
    private Passage? _next;

    /// <summary>As many to spare there were at all times since the last <see cref="Trim"/>.</summary>
    private int _fewest = Ready;

    /// <summary>There are more than are kept ready, so that it may be worth while to trim. Any thread may ask.</summary>
    public bool HasMore => Count > 1 + Ready;

    /// <summary>How many there are.</summary>
    public int Count => _all.Count;

    /// <summary>The one that the next burst goes into.</summary>
    public Passage Next => _next ??= First();

    /// <summary>Lets work rest with <see cref="Next"/>, or with what it has rested with before.</summary>
    /// <returns>False: too many rest already.</returns>
    public bool TryRest(Work work)
    {
        if (work.Passage is not null)
            return true;
        if (!_spare.TryPop(out var spare) && !TryMake(out spare))
            return false;
        (work.Passage, _next) = (_next, spare);
        _fewest = int.Min(_fewest, _spare.Count);
        return true;
    }

    /// <summary>Takes out those that nobody has needed since the last time, but for those that are kept ready. Called once in a
    /// while.</summary>
    /// <param name="surplus">They go here: to give their memory back takes longer than a worker has.</param>
    public void Trim(Action<Passage> surplus)
    {
        for (var left = _fewest - Ready; left > 0 && _spare.TryPop(out var passage); left--)
        {
            _all.Remove(passage);
            surplus(passage);
        }
        _fewest = _spare.Count;
    }

    /// <summary>Those in which nothing rests keep nothing of networks that may have gone.</summary>
    public void Forget()
    {
        _next?.Forget();
        foreach (var passage in _spare)
            passage.Forget();
    }

    /// <summary>Work is done with what it has begun.</summary>
    public void End(Work work, Passage passage)
    {
        passage.Burst.Clear();
        if (work.Passage is not null)
            _spare.Push(passage);
        work.Passage = null;
        work.End();
    }

    /// <summary>Gives the memory of those back that were taken out. Any thread may call.</summary>
    public static void Dispose(ConcurrentQueue<Passage> surplus)
    {
        while (surplus.TryDequeue(out var passage))
            passage.Dispose();
    }

    public void Dispose() => _all.ForEach(passage => passage.Dispose());

    private bool TryMake([MaybeNullWhen(false)] out Passage passage)
    {
        passage = null;
        try
        {
            if (_all.Count < Most)
                passage = Make();
        }
        catch (OutOfMemoryException)
        {
            // What has begun goes on to the end.
        }
        return passage is not null;
    }

    private Passage First()
    {
        for (var i = 0; i < Ready; i++)
            _spare.Push(Make());
        return Make();
    }

    private Passage Make()
    {
        var passage = new Passage(worker, failed);
        _all.Add(passage);
        return passage;
    }
}
