using System.Runtime.InteropServices;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Privileges;

namespace SoftSwitch.Live;

/// <summary>A signal that asks for something: SIGHUP for a reload, SIGUSR2 for a planned restart. One that comes before that can be done,
/// or while it is under way, is answered behind that, and several at a time are answered once.</summary>
internal sealed class AskingSignal : IDisposable
{
    private readonly SemaphoreSlim _asked = new(0);
    private readonly PosixSignalRegistration _registration;
    private readonly PosixSignal _signal;
    private readonly string _name;
    private KeptSignal? _kept;
    private int _isAsked;
    private volatile bool _isUnderWay;

    /// <param name="signal">Which.</param>
    /// <param name="name">What it asks for.</param>
    public AskingSignal(PosixSignal signal, string name)
    {
        (_signal, _name) = (signal, name);
        _registration = PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            Ask();
        });
    }

    /// <summary>It is asked for, and not all of it is done.</summary>
    public bool IsOpen => Volatile.Read(ref _isAsked) != 0 || _isUnderWay;

    /// <summary>Asks for it, as the signal does.</summary>
    public void Ask()
    {
        if (Interlocked.Exchange(ref _isAsked, 1) == 0)
            _asked.Release();
    }

    /// <summary>From here on it is kept for the program that goes on in this process, as far as that doesn't come too late.</summary>
    public void KeepForNext() => _kept = new(_signal);

    /// <summary>That program didn't come: it is heard again, and so is one that was kept.</summary>
    public void HearAgain()
    {
        if (_kept?.HearAgain() == true)
            Ask();
        _kept = null;
    }

    /// <summary>Does it from now on, on a thread of its own.</summary>
    /// <param name="answer">What is to be done.</param>
    /// <param name="failed">Told what should not have happened; the next signal is heard all the same.</param>
    public void Do(Action answer, Action<Exception> failed) => new Thread(() =>
    {
        while (true)
        {
            _asked.Wait();
            _isUnderWay = true;
            Volatile.Write(ref _isAsked, 0);
            Bulkhead.Run(answer, failed);
            _isUnderWay = false;
        }
    })
    { Name = _name, IsBackground = true }.Start();

    public void Dispose() => _registration.Dispose();
}
