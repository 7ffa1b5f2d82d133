using SoftSwitch.Linux;

namespace SoftSwitch.Live;

/// <summary>Takes back what was made for a while only, when its time is over, on a thread of its own.</summary>
internal static class Expiry
{
    /// <summary>What can't go yet is tried again.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    /// <summary>The clock of the machine may be set meanwhile: it is looked at as often as this.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(1);

    /// <summary>Does so from now on.</summary>
    /// <param name="config">Has what is to be taken back.</param>
    /// <param name="failed">Told what should not have happened; it goes on.</param>
    public static void Begin(LiveConfig config, Action<Exception> failed) => new Thread(() =>
    {
        while (true)
        {
            DateTimeOffset? next = DateTimeOffset.UtcNow + s_patience;
            Bulkhead.Run(() => next = config.Expire(s_patience), failed);
            var wait = next is { } time ? time - DateTimeOffset.UtcNow : Timeout.InfiniteTimeSpan;
            config.LayerHasChanged.WaitOne(next is null ? Timeout.InfiniteTimeSpan
                : wait < TimeSpan.Zero ? TimeSpan.Zero : wait > s_longest ? s_longest : wait);
        }
    })
    { Name = "expiry", IsBackground = true }.Start();
}
