using SoftSwitch.Api.Lists;
using SoftSwitch.State;
using SoftSwitch.State.Networks;

namespace SoftSwitch.Api.Views;

/// <summary>What a nat network's translation has come to.</summary>
internal sealed record NatView(
    string? Interface, string? Address, string Ports, long Flows, long Mappings, long Refused, long GivenUp, long Overlapped,
    IReadOnlyList<string>? Waiting = null, string? Lease = null)
{
    public static ApiObject<NatView> Members { get; } = new ApiObject<NatView>("Nat")
        .TextOrNull("interface", "Where it meets the outside, the foremost of several; null while there is no way out.",
            nat => nat.Interface)
        .TextOrNull("address", "The outside address; null while there is none.", nat => nat.Address)
        .Text("ports", "The pool, such as 16384-29999.", nat => nat.Ports)
        .Number("flows", "Flows at the moment.", nat => nat.Flows)
        .Number("mappings", "Inside addresses and ports that have an outside port at the moment.", nat => nat.Mappings)
        .Number("refused", "New flows that were refused: a limit was reached, or no port of the pool was free.", nat => nat.Refused)
        .Number("givenUp", "Flows of little worth that ended because their guest was at a limit and began others.", nat => nat.GivenUp)
        .Number("overlapped", "Flows that began on an outside port that serves several inside ends at once, for want of one of their own.",
            nat => nat.Overlapped)
        .OptionalTexts("waiting", "Forwards that lead nowhere, such as tcp/2222: show forwards says why.",
            nat => nat.Waiting)
        .OptionalText("lease", "address: dhcp: who has lent the address, until when, and what is done about it.", nat => nat.Lease);

    /// <summary>Null: the network doesn't translate, or not yet.</summary>
    public static NatView? Of(NetworkSnapshot network, SwitchSnapshot snapshot)
    {
        var name = network.Model.Name;
        if (network.Model.Nat is not { } nat
            || snapshot.Outsides.FirstOrDefault(outside => outside.Networks.Values.Contains(name)) is not { } outside)
            return null;
        var counters = outside.Translators.Select(translator => translator.Counters).ToList();
        var waiting = outside.Forwards
            .Where(to => to.Network == name && (to.Target is null || outside.ObstacleOf(to.Forward) is not null))
            .Select(to => to.From).ToList();
        return new(
            outside.Interface, outside.Address?.ToString(), nat.Outside.Ports.ToString(),
            counters.Sum(one => one.Flows), counters.Sum(one => one.Mappings),
            counters.Sum(one => one.RefusedPorts + one.RefusedQuota + one.RefusedTable),
            counters.Sum(one => one.GivenUp), counters.Sum(one => one.Overlapped), waiting.Count > 0 ? waiting : null,
            outside.Lease);
    }
}
