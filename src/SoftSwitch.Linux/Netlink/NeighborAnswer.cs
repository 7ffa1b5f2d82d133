using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Netlink;

/// <summary>What the kernel knows of one neighbor.</summary>
/// <param name="Mac">Its MAC address; null: it isn't known.</param>
/// <param name="IsSure">It was confirmed not long ago, or is known for good.</param>
public readonly record struct NeighborAnswer(MacAddress? Mac, bool IsSure);
