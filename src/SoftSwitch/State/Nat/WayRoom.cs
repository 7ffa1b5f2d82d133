using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Ports;

namespace SoftSwitch.State.Nat;

/// <summary>
/// Which way out is given up when all are taken: of the port for which most were opened, the oldest by which nobody else's flows go; where
/// there is none, of the port with the next most. So who sends everywhere ends flows of his own, and nobody else's. What all have is given
/// up for nobody. What outsiders have begun by a forward keeps no way: anybody can begin it.
/// </summary>
internal static class WayRoom
{
    /// <param name="ways">All there are, the oldest first.</param>
    /// <param name="portOf">The port whose flows count for an owner; null: it is gone.</param>
    /// <returns>The way, whose it is, and how many of his there are; null: there is none to give up.</returns>
    public static (OutsideWay Way, Port By, int Count)? Find(IEnumerable<OutsideWay> ways, Func<NaptOwner, Port?> portOf)
    {
        foreach (var one in ways.Where(way => way.AskedBy is not null).GroupBy(way => way.AskedBy!).OrderByDescending(one => one.Count()))
        {
            if (one.FirstOrDefault(way => !IsUsedByOthers(way, one.Key, portOf)) is { } way)
                return (way, one.Key, one.Count());
        }
        return null;
    }

    private static bool IsUsedByOthers(OutsideWay way, Port by, Func<NaptOwner, Port?> portOf)
    {
        var owners = new List<NaptOwner>();
        way.Translator.CopyOwnersTo(owners);
        return owners.Exists(owner => owner.Port != 0 && portOf(owner) != by);
    }
}
