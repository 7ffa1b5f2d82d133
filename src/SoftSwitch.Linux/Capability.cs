using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux;

/// <summary>The capabilities that SoftSwitch has a use for, by their kernel numbers (capabilities(7), linux/capability.h).</summary>
public enum Capability
{
    /// <summary>Read and write files in spite of their modes.</summary>
    DacOverride = LinuxCapability.CAP_DAC_OVERRIDE,

    /// <summary>Make taps and veths, change interfaces, addresses, routes, filters; SO_MARK.</summary>
    NetAdmin = LinuxCapability.CAP_NET_ADMIN,

    /// <summary>Ports below 1024.</summary>
    NetBindService = LinuxCapability.CAP_NET_BIND_SERVICE,

    /// <summary>Packet sockets.</summary>
    NetRaw = LinuxCapability.CAP_NET_RAW,

    /// <summary>Enter and make namespaces.</summary>
    SysAdmin = LinuxCapability.CAP_SYS_ADMIN,

    /// <summary>Enter the namespace of a process that may do more than we.</summary>
    SysPtrace = LinuxCapability.CAP_SYS_PTRACE,

    /// <summary>Real-time priorities, other processes' processors.</summary>
    SysNice = LinuxCapability.CAP_SYS_NICE,
}
