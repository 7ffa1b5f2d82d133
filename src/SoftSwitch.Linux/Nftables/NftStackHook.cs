using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Nftables;

/// <summary>Where a chain of the families <see cref="NftFamily.Ipv4"/> and <see cref="NftFamily.Ipv6"/> sees packets (linux/netfilter.h,
/// enum nf_inet_hooks).</summary>
public enum NftStackHook
{
    /// <summary>All that come in, before they are routed or their destination is changed.</summary>
    Arrival = (int)NfTables.NF_INET_PRE_ROUTING,

    /// <summary>For the host itself, whole again if they came in fragments, before any socket sees them.</summary>
    Input = (int)NfTables.NF_INET_LOCAL_IN,

    /// <summary>From the host itself.</summary>
    Output = (int)NfTables.NF_INET_LOCAL_OUT,

    /// <summary>All that leave, from the host itself or passed on by it, when it is known by which interface.</summary>
    Departure = (int)NfTables.NF_INET_POST_ROUTING,
}
