namespace SoftSwitch.Linux.Relays;

/// <summary>Where the relay's buffer holds what was taken: one datagram, or several of one length, of which the last may be
/// shorter.</summary>
internal readonly record struct UdpPayload(int Start, int Length, int OfEach);
