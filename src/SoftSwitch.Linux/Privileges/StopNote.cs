using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Privileges;

/// <summary>
/// A stop that a program has taken notice of just when it executes the next one (<see cref="FreshStart"/>): its memory goes then, and the signal with it, but this counter in
/// the kernel stays (eventfd(2)). Blocking the signal instead holds it for one thread alone; the runtime's others still take it.
/// </summary>
public sealed unsafe class StopNote
{
    private readonly SafeFileHandle _counter = new(SystemCallException.ThrowIfNegative(Libc.eventfd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK), "eventfd", "a note of the stop"), ownsHandle: true);

    /// <summary>Notes the signal. Once; at any moment, from any thread.</summary>
    public void Write(PosixSignal signal)
    {
        // They are negative numbers.
        var value = (ulong)-(int)signal;
        _ = Libc.write((int)_counter.DangerousGetHandle(), &value, sizeof(ulong));
    }

    /// <summary>Keeps it for the program that this process executes next.</summary>
    /// <returns>What <see cref="Take"/> must be told there.</returns>
    public int Leave()
    {
        var descriptor = (int)_counter.DangerousGetHandle();
        SystemCallException.ThrowIfNegative(Libc.fcntl(descriptor, Fcntl.F_SETFD, 0), "F_SETFD", "a note of the stop");
        return descriptor;
    }

    /// <summary>What was noted; null: nothing.</summary>
    public static PosixSignal? Take(int descriptor)
    {
        using var counter = new SafeFileHandle(descriptor, ownsHandle: true);
        ulong value;
        return Libc.read(descriptor, &value, sizeof(ulong)) == sizeof(ulong) ? (PosixSignal)(-(int)value) : null;
    }
}
