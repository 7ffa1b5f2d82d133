using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Output;

/// <summary>
/// The signals by which the kernel ends or stops a program because of what it writes: a pipe without a reader (SIGPIPE), a file at its size
/// limit (SIGXFSZ), a terminal that belongs to another job (SIGTTOU). Ignored, the same is told by errno to the one write that it concerns.
/// A program that is executed inherits them ignored, unless it is started by <see cref="WithDefaults"/>.
/// </summary>
public static class IgnoredSignals
{
    /// <summary>No write ends the program.</summary>
    public static void IgnoreDeadly()
    {
        _ = Libc.signal(SysProcess.SIGPIPE, SysProcess.SIG_IGN);
        _ = Libc.signal(SysProcess.SIGXFSZ, SysProcess.SIG_IGN);
    }

    /// <summary>No write stops the program either: for one that must go on in the background of a terminal.</summary>
    public static void IgnoreStopping() => _ = Libc.signal(SysProcess.SIGTTOU, SysProcess.SIG_IGN);

    /// <summary>Starts a program that isn't ours, which expects these signals as a shell gives them.</summary>
    public static T WithDefaults<T>(Func<T> start)
    {
        _ = Libc.signal(SysProcess.SIGXFSZ, SysProcess.SIG_DFL);
        _ = Libc.signal(SysProcess.SIGPIPE, SysProcess.SIG_DFL);
        try
        {
            return start();
        }
        finally
        {
            IgnoreDeadly();
        }
    }
}
