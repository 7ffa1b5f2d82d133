using System.Collections.Concurrent;

namespace SoftSwitch.Linux.Workers;

/// <summary>
/// Actions for a thread that alone owns what they touch. Any thread puts them in; the owner runs them, in their order. One that fails is
/// told, and stops neither the owner nor those behind it.
/// </summary>
/// <param name="wake">Wakes the owner.</param>
/// <param name="failed">Told, on the owner's thread, what an action threw.</param>
internal sealed class Inbox(Action wake, Action<Exception> failed)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentQueue<Action> _actions = new();
    private volatile bool _isClosed;

    internal bool IsEmpty => _actions.IsEmpty;

    /// <summary>Runs what there is; what comes meanwhile waits, so that the owner does what else it has to do. For the owner.</summary>
    internal void Run()
    {
        for (var left = _actions.Count; left > 0 && _actions.TryDequeue(out var action); left--)
            Bulkhead.Run(action, failed);
    }

    /// <summary>The owner runs nothing any more: who waits for that learns it.</summary>
    internal void Close() => _isClosed = true;

    /// <summary>Has an action run, some time soon; none if the owner has ended.</summary>
    internal void Post(Action action)
    {
        if (_isClosed)
            return;
        _actions.Enqueue(action);
        wake();
    }

    /// <summary>Has an action run, and waits for its end; what it throws, this throws. Not for the owner.</summary>
    /// <exception cref="ObjectDisposedException">The owner has ended without it.</exception>
    internal void Invoke(Action action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            try
            {
                action();
                done.SetResult();
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        while (!((IAsyncResult)done.Task).AsyncWaitHandle.WaitOne(s_look))
            ObjectDisposedException.ThrowIf(_isClosed && !done.Task.IsCompleted, this);
        done.Task.GetAwaiter().GetResult();
    }
}
