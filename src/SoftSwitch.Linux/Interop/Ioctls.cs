using System.Runtime.InteropServices;

namespace SoftSwitch.Linux.Interop;

/// <summary>asm-generic/ioctls.h and asm-generic/termios.h, as far as they are used.</summary>
internal static class Ioctls
{
    internal const uint TIOCGWINSZ = 0x5413;

    [StructLayout(LayoutKind.Sequential)]
    internal struct winsize
    {
        public ushort ws_row;
        public ushort ws_col;
        public ushort ws_xpixel;
        public ushort ws_ypixel;
    }
}
