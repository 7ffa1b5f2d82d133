using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>A port claims again and again a station that is behind another: for people.</summary>
/// <param name="By">Who claims it.</param>
/// <param name="At">Where the station is.</param>
/// <param name="Station">The station.</param>
public sealed record MoveNews(Membership By, Membership At, MacAddress Station);
