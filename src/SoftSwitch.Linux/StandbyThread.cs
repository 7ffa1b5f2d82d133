namespace SoftSwitch.Linux;

/// <summary>
/// A thread for what may take its time, so that none of the pool waits: it does one thing after the other. It stays a while for the next,
/// for to start a thread takes as long as many of these things do, and ends when none comes. Any thread may call.
/// </summary>
/// <param name="name">What the machine calls it.</param>
public sealed class StandbyThread(string name)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly Queue<Action> _next = [];
    private bool _isThere;

    /// <param name="what">It is done when all that was given before is.</param>
    /// <returns>What it gives or throws.</returns>
    public Task<T> Do<T>(Func<T> what)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_next)
        {
            if (!_isThere)
                new Thread(Run) { IsBackground = true, Name = name }.UnsafeStart();
            _isThere = true;
            _next.Enqueue(() => Finish(done, what));
            Monitor.Pulse(_next);
        }
        return done.Task;
    }

    private static void Finish<T>(TaskCompletionSource<T> done, Func<T> what)
    {
        try
        {
            done.SetResult(what());
        }
        catch (Exception e)
        {
            done.SetException(e);
        }
    }

    private void Run()
    {
        while (Take() is { } action)
            action();
    }

    /// <returns>Null: nothing has come, and the thread ends.</returns>
    private Action? Take()
    {
        lock (_next)
        {
            if (_next.Count == 0)
                Monitor.Wait(_next, s_patience);
            _isThere = _next.TryDequeue(out var action);
            return action;
        }
    }
}
