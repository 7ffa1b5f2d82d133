using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>A port claims again and again a station, or an address, that is behind another: for people.</summary>
/// <param name="By">Who claims it.</param>
/// <param name="At">Where the station is.</param>
/// <param name="Station">The station.</param>
/// <param name="Said">The address; none: it is about the station.</param>
public sealed record MoveNews(Membership By, Membership At, MacAddress Station, SaidAddress Said);
