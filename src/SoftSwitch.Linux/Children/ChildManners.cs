using SoftSwitch.Linux.Interop;
using static SoftSwitch.Linux.Interop.SysProcess;

namespace SoftSwitch.Linux.Children;

/// <summary>How a process of the switch behaves that has one task: it lives as long as its switch, and shows nobody what it has.</summary>
internal static unsafe class ChildManners
{
    /// <summary>For the beginning of its life.</summary>
    /// <param name="name">What it is called in a list of processes: 15 bytes, and a zero.</param>
    public static void Take(ReadOnlySpan<byte> name)
    {
        // A signal to the process group or to all of a control group is for the switch, and the child ends with that.
        foreach (var signal in (ReadOnlySpan<int>)[SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGUSR2])
            _ = Libc.signal(signal, SIG_IGN);
        fixed (byte* first = name)
            _ = Libc.prctl(PR_SET_NAME, (nuint)first, 0, 0, 0);
        // Nobody but root with the right to trace looks into it.
        _ = Libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
        Environment.CurrentDirectory = "/";
    }
}
