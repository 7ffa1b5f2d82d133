using System.Globalization;
using SoftSwitch.Api.Lists;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Services.Dns;
using SoftSwitch.Packets;
using SoftSwitch.State;
using SoftSwitch.State.Nat;

namespace SoftSwitch.Api.Views;

/// <summary>A translated conversation.</summary>
internal sealed record FlowView(
    string Network, string Protocol, string Inside, string Outside, string Remote, string State, long Age, long Idle,
    string? Name)
{
    /// <summary>The most slots that one page looks at.</summary>
    private const int SlotsOfPage = 262_144;

    private const int SlotsAtOnce = 1024;

    public static ApiObject<FlowView> Members { get; } = new ApiObject<FlowView>("Flow")
        .Text("network", "The network it began in.", flow => flow.Network)
        .Text("protocol", "What is translated; of icmp, queries.", flow => flow.Protocol, FlowText.Protocols)
        .Text("inside", "The guest's address and port, such as 10.10.0.5:40000; of icmp, the query's identifier for a port.",
            flow => flow.Inside)
        .Text("outside", "Our address and port, as the other end sees them.", flow => flow.Outside)
        .Text("remote", "The other end's address and port.", flow => flow.Remote)
        .Text("state", "tcp: opening, established, closing, closed or reset; otherwise active.", flow => flow.State,
            FlowText.States.All)
        .Number("age", "Seconds since it began.", flow => flow.Age)
        .Number("idle", "Seconds since a packet passed that keeps it.", flow => flow.Idle)
        .TextOrNull("name", "What the guest's address is called; null: nothing.", flow => flow.Name);

    /// <summary>
    /// Flows in the order of the tables that hold them: a flow that lives all the while is found once. The slots of all translators'
    /// tables, one table behind the other, are looked through, and a page ends where it has enough or has looked at its share. So it may
    /// have fewer items than were asked for and a next one all the same: a filter that finds little must not make one request walk
    /// millions.
    /// </summary>
    public static ListPage<FlowView> Page(SwitchSnapshot snapshot, ListQuery query)
    {
        var items = new List<FlowView>();
        var names = snapshot.Networks.ToDictionary(network => network.Model.Name, network => network.Names);
        var some = new List<NaptFlow>();
        var step = 0;
        long start = 0, at = Slot(query), stop = at + SlotsOfPage;
        foreach (var outside in snapshot.Outsides)
        {
            foreach (var translator in outside.Translators)
            {
                for (long slots = translator.SlotCount; at < start + slots; at = long.Min(at + step, start + slots))
                {
                    if (at >= stop || items.Count >= query.Limit)
                        return new(items, at.ToString(CultureInfo.InvariantCulture));
                    // No more slots than flows that are still wanted: the next page begins right behind the last one shown.
                    step = int.Min(SlotsAtOnce, query.Limit - items.Count);
                    some.Clear();
                    translator.CopyTo(some, (int)(at - start), step, snapshot.Now);
                    items.AddRange(some.Where(flow => IsAskedFor(outside, flow, query)).Select(flow => Of(outside, names, flow)));
                }
                start += translator.SlotCount;
            }
        }
        return new(items, null);
    }

    /// <summary>Where a page begins: 0, or what the page before gave as next. A client may also make up any number.</summary>
    public static long Slot(ListQuery query) =>
        query.Cursor is not { } cursor ? 0
        : long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var from) && from > 0 ? from
        : throw ListQuery.BadCursor();

    private static bool IsAskedFor(OutsideSnapshot outside, NaptFlow flow, ListQuery query) =>
        query.Allows("network", outside.Networks[flow.Policy]) && query.Allows("protocol", FlowText.Protocol(flow.Protocol))
        && (query["inside"] is not { } inside || Ipv4Address.Parse(inside) == flow.Inside);

    private static FlowView Of(OutsideSnapshot outside, Dictionary<string, GuestNames?> names, NaptFlow flow)
    {
        var network = outside.Networks[flow.Policy];
        return new(network, FlowText.Protocol(flow.Protocol),
            $"{flow.Inside}:{flow.InsidePort}", $"{flow.Outside}:{flow.OutsidePort}", $"{flow.Remote}:{flow.RemotePort}",
            FlowText.States[flow.State], flow.Age, flow.Idle, names.GetValueOrDefault(network)?.Of(flow.Inside));
    }
}
