using SoftSwitch.Forwarding;

namespace SoftSwitch.Linux.Workers;

/// <summary>What a worker gives its time to, a slice at a time. The worker's alone.</summary>
internal abstract class Work
{
    /// <summary>How much of the worker's time it has had, by <see cref="FairQueue"/>'s account.</summary>
    public long Used { get; set; }

    /// <summary>It stands in the queue.</summary>
    public bool IsWaiting { get; set; }

    /// <summary>What it has begun and rests with until its next slice; null: nothing.</summary>
    public Passage? Passage { get; set; }

    /// <summary>Begins something.</summary>
    /// <param name="passage">An empty one.</param>
    /// <param name="hasMore">There may be more when this is done.</param>
    /// <returns>False: there is nothing to do.</returns>
    public abstract bool TryBegin(Passage passage, out bool hasMore);

    /// <summary>It can't go on.</summary>
    public abstract void Failed(Exception e);

    /// <summary>What it had begun is over.</summary>
    public virtual void End()
    {
    }
}
