using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>What somebody behind a guarded port has tried to be: for people.</summary>
/// <param name="By">The port.</param>
/// <param name="What">What he has tried to be.</param>
/// <param name="Station">Whose MAC address he said to be his; zero: it is about none.</param>
/// <param name="Address">The IP address that he said to be his; none: it is about none.</param>
public sealed record GuardNews(Membership By, GuardedThing What, MacAddress Station, SaidAddress Address);
