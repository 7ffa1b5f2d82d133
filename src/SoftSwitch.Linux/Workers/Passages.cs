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
    /// the end: a passage is 35 MB of address space, and none is given back.</summary>
    private const int Most = 64;

    /// <summary>Made before the first frame comes, so that the first that rest allocate nothing.</summary>
    private const int Ready = 2;

    private readonly List<Passage> _all = [];
    private readonly Stack<Passage> _spare = [];
    private Passage? _next;

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
        return true;
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
