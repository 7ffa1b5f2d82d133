using System.Runtime.InteropServices;

namespace SoftSwitch.Linux.Interop;

internal static unsafe partial class Libc
{
    /// <summary>bpf(2), for which libc has no function of its own.</summary>
    /// <returns>A descriptor, or -1 and an errno.</returns>
    internal static int bpf(int cmd, void* attr, uint size)
    {
        // asm/unistd.h: each architecture has its own number.
        nint number = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 280 : 321;
        return (int)syscall(number, cmd, attr, size);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint cmd, void* attr, nuint size);
}
