namespace SoftSwitch.Linux.Netlink;

/// <summary>What the kernel says of an interface that comes from /dev/net/tun (linux/if_link.h, IFLA_TUN_*).</summary>
/// <param name="IsTap">Carries Ethernet frames; otherwise IP packets (tun).</param>
/// <param name="IsPersistent">Stays when its last holder closes it.</param>
/// <param name="HasVnetHeader">Frames on the descriptor are preceded by struct virtio_net_hdr.</param>
/// <param name="Owner">The user who may hold it without CAP_NET_ADMIN; null: anyone with the capability.</param>
public sealed record TunInfo(bool IsTap, bool IsPersistent, bool HasVnetHeader, uint? Owner);
