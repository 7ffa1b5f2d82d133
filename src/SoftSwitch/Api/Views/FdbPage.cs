using SoftSwitch.Api.Lists;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.State;
using SoftSwitch.State.Networks;

namespace SoftSwitch.Api.Views;

/// <summary>
/// A page of what the forwarding databases hold, in the order of <see cref="FdbKey"/>. There may be a million stations: only those of the
/// page are put into words.
/// </summary>
internal static class FdbPage
{
    /// <param name="snapshot">What there is.</param>
    /// <param name="query">Its filters network and port decide what is on the page.</param>
    /// <param name="isListed">Which entries the list has.</param>
    /// <param name="view">Puts an entry into words; it gets the entry's network, and the name of the port behind which it is.</param>
    public static ListPage<T> Of<T>(
        SwitchSnapshot snapshot, ListQuery query, Func<FdbEntry, bool> isListed, Func<NetworkSnapshot, FdbEntry, string, T> view)
    {
        FdbKey? after = query.Cursor is { } cursor ? FdbKey.Parse(cursor) : null;
        var entries = new List<(FdbKey Key, NetworkSnapshot Network, FdbEntry Entry)>();
        var stations = new List<FdbEntry>();
        var names = snapshot.Names();
        foreach (var network in snapshot.Networks.Where(network => query.Allows("network", network.Model.Name)))
        {
            stations.Clear();
            network.Bridge.Fdb.CopyTo(stations, snapshot.Now);
            foreach (var station in stations.Where(isListed))
            {
                // Ours, and nobody's neighbor.
                if (station.Mac == network.Bridge.Asker?.Mac)
                    continue;
                var key = new FdbKey(network.Model.Name, station.Mac);
                if (after is { } last && key.CompareTo(last) <= 0)
                    continue;
                if (query["port"] is not { } port || names[(network.Bridge, station.Slot)].Contains(port))
                    entries.Add((key, network, station));
            }
        }
        entries.Sort(static (a, b) => a.Key.CompareTo(b.Key));
        var page = entries.Take(query.Limit).ToList();
        return new(
            [.. page.Select(one => view(one.Network, one.Entry, names[(one.Network.Bridge, one.Entry.Slot)].FirstOrDefault() ?? ""))],
            entries.Count > page.Count ? page[^1].Key.ToString() : null);
    }
}
