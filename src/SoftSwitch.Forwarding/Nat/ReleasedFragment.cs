using SoftSwitch.Forwarding.Frames;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// A fragment that was held and is now translated, for the thread that has translated its packet's first one: that one knows where to send it.
/// </summary>
internal readonly record struct ReleasedFragment(OwnedFrame Frame, int Policy, int Thread);
