namespace SoftSwitch.Linux;

/// <summary>The names of capabilities as capabilities(7) and its tools have them.</summary>
public static class CapabilityNames
{
    public static string Name(this Capability capability) => capability switch
    {
        Capability.DacOverride => "CAP_DAC_OVERRIDE",
        Capability.NetAdmin => "CAP_NET_ADMIN",
        Capability.NetBindService => "CAP_NET_BIND_SERVICE",
        Capability.NetRaw => "CAP_NET_RAW",
        Capability.SysAdmin => "CAP_SYS_ADMIN",
        Capability.SysPtrace => "CAP_SYS_PTRACE",
        Capability.SysNice => "CAP_SYS_NICE",
        _ => throw new ArgumentOutOfRangeException(nameof(capability), capability, null),
    };
}
