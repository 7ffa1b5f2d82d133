using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>An address that is behind another port by now.</summary>
/// <param name="Address">The address.</param>
/// <param name="Owner">Who has it.</param>
/// <param name="By">The port that has brought it.</param>
internal readonly record struct MovedAddress(SaidAddress Address, MacAddress Owner, Membership By);
