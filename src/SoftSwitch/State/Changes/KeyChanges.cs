using SoftSwitch.Config;
using SoftSwitch.Config.Keys;
using SoftSwitch.Config.Rows;
using SoftSwitch.Kinds;
using SoftSwitch.Model;

namespace SoftSwitch.State.Changes;

/// <summary>Which keys of two models say different things. The table of keys is asked, so a key that is new there needs nothing
/// here.</summary>
internal static class KeyChanges
{
    /// <summary>Of the switch itself, without its networks and ports.</summary>
    public static IReadOnlyList<KeyChange> Of(SwitchModel before, SwitchModel after) =>
        Between(SwitchKeys.All.Where(row => row.Shape != RowShape.Names), before, after, SwitchKeys.Blank);

    /// <summary>Of a network; where its mode is another, the other keys can't be compared.</summary>
    public static IReadOnlyList<KeyChange> Of(NetworkModel before, NetworkModel after) => Between(
        before.Mode == after.Mode ? NetworkKeys.All.Where(row => row.IsFor(after.Mode.Word())) : [NetworkKeys.Mode],
        before, after, NetworkKeys.Blank(after.Name, after.Mode));

    /// <summary>Of a port; where its kind is another, those that a kind adds can't be compared.</summary>
    public static IReadOnlyList<KeyChange> Of(PortModel before, PortModel after)
    {
        var kind = PortKinds.Of(after);
        var keys = Between(
            before.Kind == after.Kind ? PortKeys.Of(kind) : [PortKeys.Network, PortKeys.Kind], before, after, kind.Blank(after.Name));
        // It is a key of the network, which says so as well.
        return (before, after) is (NicModel was, NicModel becomes) && was.IsUplink != becomes.IsUplink
            ? [.. keys, new(NetworkKeys.Uplink.Name, was.IsUplink ? was.Name : null, becomes.IsUplink ? becomes.Name : null)] : keys;
    }

    private static KeyChange[] Between(IEnumerable<Row> rows, object before, object after, object blank) =>
    [
        .. from row in rows
           let always = row with { IsAlwaysWritten = true }
           let change = KeyChange.Between(row.Name, always.Write(before, blank), always.Write(after, blank))
           where change.Before != change.After
           select change,
    ];
}
