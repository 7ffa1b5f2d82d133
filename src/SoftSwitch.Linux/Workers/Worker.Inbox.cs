using SoftSwitch.Forwarding.Bridging;

namespace SoftSwitch.Linux.Workers;

/// <summary>What others have a worker do between two turns. Any thread may call.</summary>
public sealed partial class Worker
{
    /// <summary>Runs an action between two turns.</summary>
    public void Post(Action action) => _inbox.Post(action);

    /// <summary>Runs an action between two turns and waits for its end.</summary>
    public void PostAndWait(Action action)
    {
        if (!_thread.IsAlive)
            return;
        using var done = new ManualResetEventSlim();
        Post(() =>
        {
            try
            {
                action();
            }
            finally
            {
                done.Set();
            }
        });
        while (!done.Wait(TimeSpan.FromSeconds(1)) && _thread.IsAlive)
        {
        }
    }

    /// <summary>Lets an inner port do what has become due, between two turns.</summary>
    /// <param name="inner">The port.</param>
    /// <param name="failed">Called on the worker's thread with what should not have happened: the worker goes on.</param>
    public void Tick(InnerPort inner, Action<Exception> failed) => Post(() => Begin(new InnerTurn(inner, isDue: true, failed)));

    /// <summary>Gives an inner port a turn of its own, as if it had called for it.</summary>
    /// <inheritdoc cref="Tick"/>
    public void Resume(InnerPort inner, Action<Exception> failed) => Post(() => Begin(new InnerTurn(inner, isDue: false, failed)));

    /// <summary>Says frames of the switch's own, between two turns.</summary>
    /// <inheritdoc cref="Tick"/>
    public void Probe(IReadOnlyList<SentProbe> probes, Action<Exception> failed) => Post(() =>
    {
        foreach (var some in probes.Chunk(Turn.MostFrames))
            Begin(new ProbeRound(some, failed));
    });
}
