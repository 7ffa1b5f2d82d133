using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Namespaces;

/// <summary>
/// Passes the signals that ask a program to end on to a child, from construction until the child has ended. Signals come on any thread;
/// none is sent after <see cref="WaitForEnd"/>, when the pid may be reaped and become another's.
/// </summary>
internal sealed unsafe class ForwardedSignals : IDisposable
{
    private readonly Lock _lock = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly int _pid;
    private bool _ended;

    internal ForwardedSignals(int pid)
    {
        _pid = pid;
        _registrations =
        [
            Forward(PosixSignal.SIGINT, SysProcess.SIGINT),
            Forward(PosixSignal.SIGTERM, SysProcess.SIGTERM),
            Forward(PosixSignal.SIGHUP, SysProcess.SIGHUP),
            Forward(PosixSignal.SIGQUIT, SysProcess.SIGQUIT),
        ];
    }

    /// <summary>Waits until the child has ended, and leaves it for waitpid(2).</summary>
    internal void WaitForEnd()
    {
        // SAFETY: siginfo_t is 128 bytes.
        var info = stackalloc byte[128];
        while (Libc.waitid(SysProcess.P_PID, (uint)_pid, info, SysProcess.WEXITED | SysProcess.WNOWAIT) < 0
            && Marshal.GetLastPInvokeError() == Errno.EINTR)
        {
        }
        lock (_lock)
            _ended = true;
    }

    public void Dispose()
    {
        lock (_lock)
            _ended = true;
        foreach (var registration in _registrations)
            registration.Dispose();
    }

    private PosixSignalRegistration Forward(PosixSignal signal, int number) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        lock (_lock)
        {
            if (!_ended)
                _ = Libc.kill(_pid, number);
        }
    });
}
