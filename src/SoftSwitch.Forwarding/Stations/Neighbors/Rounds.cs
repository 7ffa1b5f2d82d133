using SoftSwitch.Forwarding.Ports;

namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <summary>
/// What waits, in the order in which it has its turn: one of each port, then the next of each. So what there is no room for is that of the
/// ports which have most, however much they have.
/// </summary>
internal static class Rounds
{
    /// <param name="portOf">The port that something counts for.</param>
    public static IReadOnlyList<T> Of<T>(IEnumerable<T> waiting, Func<T, Port> portOf)
    {
        var rounds = new List<List<T>>();
        var places = new Dictionary<Port, int>();
        foreach (var one in waiting)
        {
            var port = portOf(one);
            var place = places[port] = places.GetValueOrDefault(port, -1) + 1;
            if (place == rounds.Count)
                rounds.Add([]);
            rounds[place].Add(one);
        }
        return [.. rounds.SelectMany(round => round)];
    }
}
