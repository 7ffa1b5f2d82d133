using SoftSwitch.Forwarding.Frames;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>Frames of a burst that go to one port, in the order they came.</summary>
/// <param name="Output">Where they go.</param>
/// <param name="Frames">Which of them.</param>
/// <param name="Source">The burst: the one that was received, or the one that the turn's answers were written into.</param>
public readonly record struct Delivery(Membership Output, FrameSet Frames, Burst Source);
