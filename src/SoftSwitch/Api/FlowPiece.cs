using SoftSwitch.Api.Views;

namespace SoftSwitch.Api;

/// <summary>What a look at a part of the flow tables found.</summary>
/// <param name="Items">At most <see cref="FlowQuery.Limit"/>; fewer, even none, where little of that part was asked for.</param>
/// <param name="Next">Where the next piece begins, at least 1; null: the tables end here.</param>
internal sealed record FlowPiece(IReadOnlyList<FlowView> Items, long? Next);
