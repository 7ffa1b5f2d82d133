using System.Runtime.InteropServices;

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
    public void Do(Action reload) => new Thread(() =>
    {
        while (true)
        {
            _asked.Wait();
            Volatile.Write(ref _isAsked, 0);
            reload();
        }
    })
    { Name = "reload", IsBackground = true }.Start();

    public void Dispose() => _registration.Dispose();
}
