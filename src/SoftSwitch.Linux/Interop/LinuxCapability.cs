using System.Runtime.InteropServices;

namespace SoftSwitch.Linux.Interop;

/// <summary>linux/capability.h.</summary>
internal static class LinuxCapability
{
    internal const uint _LINUX_CAPABILITY_VERSION_3 = 0x20080522;
    internal const int _LINUX_CAPABILITY_U32S_3 = 2;

    internal const int CAP_DAC_OVERRIDE = 1;
    internal const int CAP_SETPCAP = 8;
    internal const int CAP_NET_BIND_SERVICE = 10;
    internal const int CAP_NET_ADMIN = 12;
    internal const int CAP_NET_RAW = 13;
    internal const int CAP_SYS_PTRACE = 19;
    internal const int CAP_SYS_ADMIN = 21;
    internal const int CAP_SYS_NICE = 23;

    [StructLayout(LayoutKind.Sequential)]
    internal struct __user_cap_header_struct
    {
        public uint version;
        public int pid;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct __user_cap_data_struct
    {
        public uint effective;
        public uint permitted;
        public uint inheritable;
    }
}
