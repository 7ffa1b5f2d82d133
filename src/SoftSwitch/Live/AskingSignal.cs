using System.Runtime.InteropServices;
using SoftSwitch.Linux;

namespace SoftSwitch.Live;

/// <summary>A signal that asks for something: SIGHUP for a reload, SIGUSR2 for a planned restart. One that comes before that can be done,
/// or while it is under way, is answered behind that, and several at a time are answered once.</summary>
internal sealed class AskingSignal : IDisposable
{
    private readonly SemaphoreSlim _asked = new(0);
    private readonly PosixSignalRegistration _registration;
    private readonly string _name;
    private int _isAsked;

    /// <param name="signal">Which.</param>
    /// <param name="name">What it asks for.</param>
    public AskingSignal(PosixSignal signal, string name)
    {
        _name = name;
        _registration = PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            if (Interlocked.Exchange(ref _isAsked, 1) == 0)
                _asked.Release();
        });
    }

    /// <summary>Does it from now on, on a thread of its own.</summary>
    /// <param name="answer">What is to be done.</param>
    /// <param name="failed">Told what should not have happened; the next signal is heard all the same.</param>
    public void Do(Action answer, Action<Exception> failed) => new Thread(() =>
    {
        while (true)
        {
            _asked.Wait();
            Volatile.Write(ref _isAsked, 0);
            Bulkhead.Run(answer, failed);
        }
    })
    { Name = _name, IsBackground = true }.Start();

    public void Dispose() => _registration.Dispose();
}
