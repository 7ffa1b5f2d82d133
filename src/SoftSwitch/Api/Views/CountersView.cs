using SoftSwitch.Api.Lists;

namespace SoftSwitch.Api.Views;

/// <summary>One direction of a port since it was opened.</summary>
internal sealed record CountersView(long Frames, long Bytes, long Drops)
{
    public static CountersView None { get; } = new(0, 0, 0);

    public static ApiObject<CountersView> Members { get; } = new ApiObject<CountersView>("Counters")
        .Number("frames", "Frames, a super-frame counting as one.", counters => counters.Frames)
        .Number("bytes", "Their bytes from the Ethernet header on, without FCS.", counters => counters.Bytes)
        .Number("drops", "Frames that did not get where they wanted; /v1/drops has the reasons.", counters => counters.Drops);
}
