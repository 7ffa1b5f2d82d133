using SoftSwitch.Linux;

namespace SoftSwitch.Persistence;

/// <summary>
/// Writes files beside whoever has something to write, one after the other: a disk may take its time. At the end it is waited for, but not
/// for ever: a disk that has stopped holds a write. One thread begins them.
/// </summary>
internal sealed class WritesBeside
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly StandbyThread _thread = new("files");
    private Task _last = Task.CompletedTask;

    /// <summary>All that was begun is written, or has failed.</summary>
    public bool AreDone => _last.IsCompleted;

    /// <param name="write">Must not fail.</param>
    public void Begin(Action write) => _last = _thread.Do(() =>
    {
        write();
        return true;
    });

    /// <returns>False: that takes too long.</returns>
    public bool Wait() => _last.Wait(s_patience);
}
