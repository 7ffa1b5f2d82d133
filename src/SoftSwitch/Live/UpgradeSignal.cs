using System.Runtime.InteropServices;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Privileges;
using SoftSwitch.Logging;

namespace SoftSwitch.Live;

/// <summary>SIGUSR2, which says: have the program that is installed go on. One that comes before there is anything to go on with is
/// answered then.</summary>
internal sealed class UpgradeSignal : IDisposable
{
    private readonly SemaphoreSlim _asked = new(0);
    private readonly PosixSignalRegistration _registration;
    private int _isAsked;

    public UpgradeSignal() => _registration = PosixSignalRegistration.Create(Signals.Upgrade, signal =>
    {
        signal.Cancel = true;
        if (Interlocked.Exchange(ref _isAsked, 1) == 0)
            _asked.Release();
    });

    /// <summary>Does it from now on, on a thread of its own.</summary>
    public void Do(ISwitchChanges changes, ISwitchLog log) => new Thread(() =>
    {
        while (true)
        {
            _asked.Wait();
            Volatile.Write(ref _isAsked, 0);
            Bulkhead.Run(() => GoOn(changes, log), e => log.Failed(new("upgrade"), e));
        }
    })
    { Name = "upgrade", IsBackground = true }.Start();

    public void Dispose() => _registration.Dispose();

    private static void GoOn(ISwitchChanges changes, ISwitchLog log)
    {
        if (changes.Upgrade(new()) is { Failed: true } refused)
            log.Write(LogLevel.Error, $"not restarted, this program goes on: {string.Join("; ", refused.Lines)}");
        else
            changes.GoOn();
    }
}
