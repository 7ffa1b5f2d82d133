using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Privileges;

/// <summary>
/// A signal that asks for something, kept for the program that this process executes next (<see cref="FreshStart"/>), as
/// <see cref="StopSignals"/> keeps a stop: the runtime hands a signal from thread to thread, and what is on its way then is lost. The timer
/// there is the stop's. Here the handler is epoll_create(2) itself, which takes the signal's number for a size that means nothing: each
/// signal leaves a descriptor, and descriptors outlive execve(2). The runtime's own are closed on execution, so that these are told from
/// them.
/// </summary>
public sealed unsafe class KeptSignal
{
    private const int FirstOfOurs = 3;
    private const string Folder = "/proc/self/fd", What = "anon_inode:[eventpoll]";

    private readonly int _signal;
    private readonly byte[] _action = new byte[StopSignals.ActionSize];

    /// <summary>Keeps it from here on.</summary>
    /// <param name="signal">One that the runtime has a handler for.</param>
    public KeptSignal(PosixSignal signal)
    {
        _signal = signal == PosixSignal.SIGHUP ? SysProcess.SIGHUP : throw new ArgumentOutOfRangeException(nameof(signal));
        // One that was left to this program by whoever started it is no signal.
        foreach (var left in Left())
            InheritedDescriptor.Claim(left);
        fixed (byte* first = _action)
            _ = Libc.sigaction(_signal, null, first);
        _ = Libc.signal(_signal, NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), "epoll_create"));
    }

    /// <summary>The next program didn't come: it is heard again.</summary>
    /// <returns>It has come meanwhile.</returns>
    public bool HearAgain()
    {
        fixed (byte* first = _action)
            _ = Libc.sigaction(_signal, first, null);
        return Take();
    }

    /// <summary>It has come, and was kept by the program before this one. It is true once.</summary>
    public static bool Take()
    {
        var left = Left();
        foreach (var descriptor in left)
            new SafeFileHandle(descriptor, ownsHandle: true).Dispose();
        return left.Count > 0;
    }

    private static List<int> Left()
    {
        var left = new List<int>();
        try
        {
            foreach (var path in Directory.EnumerateFileSystemEntries(Folder))
            {
                if (int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var descriptor)
                    && descriptor >= FirstOfOurs && InheritedDescriptor.IsLeft(descriptor) && new FileInfo(path).LinkTarget == What)
                    left.Add(descriptor);
            }
        }
        catch (IOException)
        {
            // It is asked for again.
        }
        return left;
    }
}
