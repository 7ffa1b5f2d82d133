using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>A station as it is shown: where it was heard and how long ago.</summary>
/// <param name="Mac">The station.</param>
/// <param name="Slot">The slot of the port it is behind.</param>
/// <param name="AgeSeconds">Since it was last heard.</param>
/// <param name="IsStatic">It was set, not heard: it neither ages nor moves.</param>
public readonly record struct FdbEntry(MacAddress Mac, ushort Slot, uint AgeSeconds, bool IsStatic = false);
