using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace SoftSwitch.Linux.Workers;

/// <summary>
/// Actions for a thread that alone owns what they touch. Any thread puts them in; the owner takes them out and runs them, in their order.
/// </summary>
/// <param name="wake">Wakes the owner.</param>
internal sealed class Inbox(Action wake)
{
    private readonly ConcurrentQueue<Action> _actions = new();

    internal bool IsEmpty => _actions.IsEmpty;

    /// <summary>For the owner.</summary>
    internal bool TryTake([MaybeNullWhen(false)] out Action action) => _actions.TryDequeue(out action);

    /// <summary>Has an action run, some time soon.</summary>
    internal void Post(Action action)
    {
        _actions.Enqueue(action);
        wake();
    }

    /// <summary>Has an action run, and waits for its end; what it throws, this throws. Not for the owner.</summary>
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
        done.Task.GetAwaiter().GetResult();
    }
}
