using SoftSwitch.Forwarding.Frames;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>Frames that a station of ours says, one after the other out of one burst.</summary>
/// <param name="Station">Who says them.</param>
/// <param name="Source">The burst: the one that was received, or one that the turn's own frames were made in.</param>
/// <param name="Frames">Which of its frames.</param>
/// <param name="Only">The port that they go to, wherever their destination is; null: the bridge decides.</param>
/// <param name="Payer">The place of the port that has brought what they answer or forward, else of the station. Where nobody hears the one
/// that they are for, they go to everybody, and that takes some of its allowance.</param>
internal readonly record struct Said(InnerPort Station, Burst Source, FrameSet Frames, Membership? Only, Membership Payer);
