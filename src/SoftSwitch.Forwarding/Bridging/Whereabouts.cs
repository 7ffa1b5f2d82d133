namespace SoftSwitch.Forwarding.Bridging;

/// <summary>What the forwarding database knows of a station.</summary>
/// <param name="Slot">The slot that it is behind; 0: it isn't known.</param>
/// <param name="Heard">When it was last heard there, in seconds.</param>
/// <param name="IsStatic">It was set, not heard.</param>
/// <param name="Known">By what it can be asked.</param>
internal readonly record struct Whereabouts(ushort Slot, uint Heard, bool IsStatic, KnownAddresses Known);
