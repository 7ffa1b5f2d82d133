using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>A port has brought what is another's for certain: for people.</summary>
/// <param name="By">Who pretends to have it.</param>
/// <param name="Station">The station; zero: it is about the address.</param>
/// <param name="Address">The address; zero: it is about the station.</param>
/// <param name="Owner">The name of the port whose it is; null: it is the switch's own, or a guest's that has left.</param>
public sealed record PretenceNews(Membership By, MacAddress Station, Ipv4Address Address, string? Owner);
