using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>What a gateway says of a destination without a packet.</summary>
/// <param name="Destiny">What becomes of packets to it.</param>
/// <param name="Way">The way that they leave or turn around by; null: none, or the host's routing says.</param>
/// <param name="Next">Who they are handed to there.</param>
public readonly record struct Destined(Destiny Destiny, Outside? Way = null, Ipv4Address Next = default);
