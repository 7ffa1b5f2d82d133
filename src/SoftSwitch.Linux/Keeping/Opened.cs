using System.Runtime.InteropServices;

namespace SoftSwitch.Linux.Keeping;

/// <summary>What became of an <see cref="Opening"/>.</summary>
/// <param name="ErrorNumber">errno; 0: it is open.</param>
/// <param name="WasInside">The namespace was entered, where one was named: it is the opening itself that was refused.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct Opened(int ErrorNumber, int WasInside = 1)
{
    /// <summary>From the result of <see cref="Opening.Do"/>.</summary>
    public static Opened Of(int result) => new(int.Max(0, -result));
}
