using System.Runtime.InteropServices;

namespace SoftSwitch.Linux.Interop;

/// <summary>struct statx of linux/stat.h: 256 bytes, of which these fields are read; the same on every architecture.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct statx_t
{
    [FieldOffset(20)] public uint stx_uid;
    [FieldOffset(24)] public uint stx_gid;
    [FieldOffset(28)] public ushort stx_mode;
    [FieldOffset(32)] public ulong stx_ino;
}
