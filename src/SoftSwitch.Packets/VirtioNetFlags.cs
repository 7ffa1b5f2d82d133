namespace SoftSwitch.Packets;

/// <summary>The flags of a <see cref="VirtioNetHeader"/> (VIRTIO_NET_HDR_F_*, virtio 1.2, section 5.1.6).</summary>
[Flags]
public enum VirtioNetFlags : byte
{
    None = 0,

    /// <summary>The receiver or the device completes the checksum.</summary>
    NeedsChecksum = 1,

    /// <summary>The device has verified the checksum. Never passed on: it is the device's word, not ours.</summary>
    DataValid = 2,

    /// <summary>The header's checksum fields carry receive-coalescing counts instead.</summary>
    CoalescingInfo = 4,

    /// <summary>The outer UDP checksum of a super-frame in a UDP tunnel is partial as well.</summary>
    UdpTunnelChecksum = 8,
}
