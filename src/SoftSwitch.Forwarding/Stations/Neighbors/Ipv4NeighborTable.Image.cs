using SoftSwitch.Forwarding.Images;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <content>The neighbors whose MAC is known, for the program that goes on: what has waited for it is more than may wait for a neighbor
/// that is being asked for. Those that are being asked for are asked again.</content>
public sealed partial class Ipv4NeighborTable
{
    private const ulong Macs = 1UL << 48;

    /// <summary>Writes those whose MAC is known, each with the port that it counts for: the one that was confirmed longest ago first, for
    /// in that order they are given up.</summary>
    /// <returns>How many there are.</returns>
    public int Write(ImageWriter image, Instant now)
    {
        lock (_writing)
        {
            NeighborEntry[] known = [.. Enumerable.Range(0, _places.Used).Select(_places.Read)
                .Where(static entry => entry.State == NeighborState.Reachable).OrderBy(static entry => entry.Confirmed)];
            image.Write(known.Length);
            foreach (var entry in known)
            {
                image.Write(new NeighborImage(
                    entry.Address, Past(now, entry.Confirmed), entry.Mac, entry.Former, entry.Former == 0 ? 0 : Past(now, entry.Lost)));
                image.Write(_places.PortOf(_places.Find(entry.Address))?.Name ?? "");
            }
            return known.Length;
        }
    }

    /// <summary>Knows what was written, and is no surer of it than the one that wrote it.</summary>
    /// <param name="image">What was written.</param>
    /// <param name="portOf">The port of a name; null: it is gone.</param>
    /// <param name="otherwise">For whom they count whose port is gone.</param>
    /// <param name="now">The moment.</param>
    /// <exception cref="InvalidDataException">It isn't whole. What was read counts.</exception>
    public void Read(ImageReader image, Func<string, Port?> portOf, Port otherwise, Instant now)
    {
        for (var left = image.ReadCount(sizeof(ulong)); left > 0; left--)
        {
            var neighbor = image.Read<NeighborImage>();
            var by = portOf(image.ReadText()) ?? otherwise;
            if (neighbor.Address == 0 || neighbor.Mac is 0 or >= Macs || neighbor.Former >= Macs)
                continue;
            lock (_writing)
            {
                // Whoever is here already has come since.
                if (_places.Find(neighbor.Address) >= 0 || !TryAdd(new(neighbor.Address), by, now.Milliseconds, out var number))
                    continue;
                var confirmed = now.Milliseconds - neighbor.Age;
                Set(number, _places.Read(number) with
                {
                    State = NeighborState.Reachable, Mac = neighbor.Mac, Confirmed = confirmed, Asked = confirmed,
                    Former = neighbor.Former, Lost = neighbor.Former == 0 ? 0 : now.Milliseconds - neighbor.LostAge,
                });
            }
        }
    }

    private static uint Past(Instant now, long moment) => (uint)long.Clamp(now.Milliseconds - moment, 0, uint.MaxValue);
}
