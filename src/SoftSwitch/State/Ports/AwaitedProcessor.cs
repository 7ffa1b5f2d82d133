using System.Globalization;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Logging;

namespace SoftSwitch.State.Ports;

/// <summary>A processor that a worker is to stay on and that this machine doesn't give it yet: it may be switched off, or be kept from this
/// process. Until then the worker runs on any. Used by the control loop alone, but for what the worker does itself.</summary>
/// <param name="worker">Who waits for it.</param>
/// <param name="number">The worker's.</param>
/// <param name="cpu">The processor's.</param>
/// <param name="log">Told when it waits, and when it doesn't any more.</param>
internal sealed class AwaitedProcessor(Worker worker, int number, int cpu, ISwitchLog log)
{
    private readonly RetryPace _pace = new();
    private volatile bool _isThere;

    public bool IsThere => _isThere;

    public Worker Worker => worker;

    public void Tell(SystemCallException refused) => log.Write(LogLevel.Warning, string.Create(CultureInfo.InvariantCulture,
        $"cpus: {refused.Message}: worker {number} runs on any processor until it may run on that one"));

    /// <summary>About once a second. A thread says by itself where it runs, between two turns.</summary>
    public void Try(long now)
    {
        if (now < _pace.Next)
            return;
        _pace.Failed(now);
        worker.Post(() =>
        {
            try
            {
                Affinity.Pin(cpu);
            }
            catch (SystemCallException)
            {
                return; // Later, perhaps.
            }
            _isThere = true;
            log.Write(LogLevel.Info, string.Create(CultureInfo.InvariantCulture, $"cpus: worker {number} runs on processor {cpu}"));
        });
    }
}
