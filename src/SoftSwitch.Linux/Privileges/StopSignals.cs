using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Privileges;

/// <summary>
/// SIGTERM and SIGINT for a program that may execute itself anew (<see cref="FreshStart"/>), so that a stop at any moment is heard by the
/// first or by the second one.
/// <para>
/// The runtime's handler hands a signal from thread to thread, and with execve(2) all threads go: what is on its way then is lost. So in
/// the first program the kernel keeps the stop. The handler is alarm(2) itself, which takes the signal's number for seconds: a timer runs
/// from then on, and timers outlive execve(2). Blocking the signals instead would hold them for one thread alone; the runtime's others
/// would still take them. A timer that runs out is set again by the same handler, or waits among the blocked signals.
/// </para>
/// Used by one thread, but for <see cref="Stopped"/>.
/// </summary>
public sealed unsafe class StopSignals : IDisposable
{
    private readonly TaskCompletionSource<PosixSignal> _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly List<(int Signal, byte[] Action)> _heard = [];
    private bool _isKept = true;

    /// <summary>More than a struct sigaction is anywhere; nobody looks into it.</summary>
    internal const int ActionSize = 256;

    /// <summary>The runtime calls a handler some moments after the signal came.</summary>
    private const int HearingMilliseconds = 20;

    private static readonly int[] s_stops = [SysProcess.SIGALRM, SysProcess.SIGINT, SysProcess.SIGTERM];

    /// <param name="isFirst">This program may still be followed by another one in this process.</param>
    public StopSignals(bool isFirst)
    {
        if (isFirst)
            Keep();
        else
            Listen();
    }

    /// <summary>Ends with the signal that says stop; in the first program only when <see cref="HasCome"/> looks, or after
    /// <see cref="Listen"/>.</summary>
    public Task<PosixSignal> Stopped => _stopped.Task;

    /// <summary>Somebody wants the program to end.</summary>
    public bool HasCome
    {
        get
        {
            if (_isKept && Take() is { } signal)
                _stopped.TrySetResult(signal);
            return _stopped.Task.IsCompleted;
        }
    }

    /// <summary>No other program follows in this process: from here on a stop is heard at once, one that was kept as well.</summary>
    public void Listen()
    {
        foreach (var signal in (ReadOnlySpan<PosixSignal>)[PosixSignal.SIGTERM, PosixSignal.SIGINT])
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                _stopped.TrySetResult(context.Signal);
            }));
        }
        _ = HasCome;
        _isKept = false;
        // A timer that is still set ends nobody.
        _ = Libc.signal(SysProcess.SIGALRM, SysProcess.SIG_IGN);
    }

    /// <summary>
    /// From here on a stop is kept for the program that goes on in this process. When this returns, one that came before has been heard, as
    /// far as the runtime hears it in this time.
    /// </summary>
    public void KeepForNext()
    {
        foreach (var signal in s_stops)
        {
            var action = new byte[ActionSize];
            fixed (byte* first = action)
                _ = Libc.sigaction(signal, null, first);
            _heard.Add((signal, action));
        }
        Keep();
        _isKept = true;
        Thread.Sleep(HearingMilliseconds);
    }

    /// <summary>That program didn't come: a stop is heard at once again, and so is one that was kept.</summary>
    public void HearAgain()
    {
        foreach (var (signal, action) in _heard)
        {
            fixed (byte* first = action)
                _ = Libc.sigaction(signal, first, null);
        }
        _heard.Clear();
        _ = HasCome;
        _isKept = false;
        _ = Libc.signal(SysProcess.SIGALRM, SysProcess.SIG_IGN);
    }

    public void Dispose() => _registrations.ForEach(registration => registration.Dispose());

    private static void Keep()
    {
        var alarm = NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), "alarm");
        foreach (var signal in s_stops)
        {
            // A shell's job in the background ignores SIGINT, and so do we.
            if (Libc.signal(signal, alarm) == SysProcess.SIG_IGN && signal != SysProcess.SIGALRM)
                _ = Libc.signal(signal, SysProcess.SIG_IGN);
        }
    }

    /// <summary>The stop that was kept.</summary>
    private static PosixSignal? Take()
    {
        var left = Libc.alarm(0);
        if (left == 0 && !IsPending(SysProcess.SIGALRM))
            return null;
        // SIGINT's timer has two seconds, the others have more.
        return left is 1 or SysProcess.SIGINT ? PosixSignal.SIGINT : PosixSignal.SIGTERM;
    }

    private static bool IsPending(int signal)
    {
        var signals = stackalloc ulong[SysProcess.SigsetWords];
        new Span<ulong>(signals, SysProcess.SigsetWords).Clear();
        return Libc.sigpending(signals) == 0 && (signals[0] >> (signal - 1) & 1) != 0;
    }
}
