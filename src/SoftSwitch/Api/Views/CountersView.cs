namespace SoftSwitch.Api.Views;

/// <summary>One direction of a port since it was opened.</summary>
/// <param name="Frames">Frames, a super-frame counting as one.</param>
/// <param name="Bytes">Their bytes from the Ethernet header on, without FCS.</param>
/// <param name="Drops">Frames that did not get where they wanted; the reasons are under /v1/drops.</param>
internal sealed record CountersView(long Frames, long Bytes, long Drops);
