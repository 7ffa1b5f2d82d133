using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux;

/// <summary>The terminal at standard output.</summary>
public static unsafe class Terminal
{
    private const int StandardOutput = 1;

    /// <summary>Its columns and lines as they are now; null where there is no terminal, or one that doesn't say.</summary>
    public static (int Columns, int Lines)? Size()
    {
        Ioctls.winsize size;
        // SAFETY: the kernel writes one winsize, which lives as long as the call.
        return Libc.ioctl(StandardOutput, Ioctls.TIOCGWINSZ, &size) == 0 && size is { ws_col: > 0, ws_row: > 0 }
            ? (size.ws_col, size.ws_row)
            : null;
    }
}
