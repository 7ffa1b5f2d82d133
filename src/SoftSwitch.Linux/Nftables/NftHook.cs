using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Nftables;

/// <summary>Where a chain of the netdev family sees a device's frames (linux/netfilter.h, enum nf_dev_hooks).</summary>
public enum NftHook
{
    /// <summary>Received, after packet sockets and tc filters, before the host's stack.</summary>
    Ingress = (int)NfTables.NF_NETDEV_INGRESS,

    /// <summary>On its way out, before tc filters and the queue; also what packet sockets send. Linux 5.16.</summary>
    Egress = (int)NfTables.NF_NETDEV_EGRESS,
}
