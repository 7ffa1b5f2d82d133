using SoftSwitch.Api;
using SoftSwitch.Api.Views;
using SoftSwitch.Forwarding.Nat;

namespace SoftSwitch.State.Nat;

/// <summary>
/// The flows as the API shows them, piece by piece: the slots of all translators' tables, one table behind the other, are looked through in order, and a piece ends where it
/// has enough or has looked at its share.
/// </summary>
internal static class FlowList
{
    /// <summary>Slots that one piece looks at in most.</summary>
    private const int SlotsOfPiece = 262_144;

    private const int SlotsAtOnce = 1024;

    public static FlowPiece Piece(SwitchSnapshot snapshot, FlowQuery query)
    {
        var items = new List<FlowView>();
        var some = new List<NaptFlow>();
        var step = 0;
        long start = 0, at = query.From, stop = query.From + SlotsOfPiece;
        foreach (var outside in snapshot.Outsides)
        {
            foreach (var translator in outside.Translators)
            {
                for (long slots = translator.SlotCount; at < start + slots; at = long.Min(at + step, start + slots))
                {
                    if (at >= stop || items.Count >= query.Limit)
                        return new(items, at);
                    // No more slots than flows that are still wanted: the next piece begins right behind the last one shown.
                    step = int.Min(SlotsAtOnce, query.Limit - items.Count);
                    some.Clear();
                    translator.CopyTo(some, (int)(at - start), step, snapshot.Now);
                    foreach (var flow in some)
                    {
                        if (View(outside, translator, flow, query) is { } view)
                            items.Add(view);
                    }
                }
                start += translator.SlotCount;
            }
        }
        return new(items, null);
    }

    private static FlowView? View(OutsideSnapshot outside, Napt translator, NaptFlow flow, FlowQuery query)
    {
        var network = outside.Networks[flow.Policy];
        var protocol = FlowText.Protocol(flow.Protocol);
        if ((query.Network ?? network) != network || (query.Protocol ?? protocol) != protocol || (query.Inside ?? flow.Inside) != flow.Inside)
            return null;
        return new(network, protocol, $"{flow.Inside}:{flow.InsidePort}", $"{translator.OutsideAddress}:{flow.OutsidePort}", $"{flow.Remote}:{flow.RemotePort}",
            flow.State.ToString().ToLowerInvariant(), flow.Age, flow.Idle);
    }
}
