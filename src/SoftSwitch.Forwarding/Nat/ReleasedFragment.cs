using SoftSwitch.Forwarding.Frames;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>A fragment that was held and is now translated.</summary>
internal readonly record struct ReleasedFragment(OwnedFrame Frame, int Policy);
