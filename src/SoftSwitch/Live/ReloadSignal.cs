using System.Runtime.InteropServices;
using SoftSwitch.Linux;

namespace SoftSwitch.Live;

/// <summary>SIGHUP, which says reload. One that comes before there is anything to reload, or while a reload is under way, is answered
/// behind that, and several at a time with one reload.</summary>
internal sealed class ReloadSignal : IDisposable
{
    private readonly SemaphoreSlim _asked = new(0);
    private readonly PosixSignalRegistration _registration;
    private int _isAsked;

    public ReloadSignal() => _registration = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
    {
        signal.Cancel = true;
        if (Interlocked.Exchange(ref _isAsked, 1) == 0)
            _asked.Release();
    });

    /// <summary>Does it from now on, on a thread of its own.</summary>
    /// <param name="reload">What is to be done.</param>
    /// <param name="failed">Told what should not have happened; the next signal is heard all the same.</param>
    public void Do(Action reload, Action<Exception> failed) => new Thread(() =>
    {
        while (true)
        {
            _asked.Wait();
            Volatile.Write(ref _isAsked, 0);
            Bulkhead.Run(reload, failed);
        }
    })
    { Name = "reload", IsBackground = true }.Start();

    public void Dispose() => _registration.Dispose();
}
