using SoftSwitch.Forwarding.Images;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <content>What goes on over a planned restart: neighbors whose MAC is known. Those that are being asked for are asked again.</content>
public sealed partial class Ipv4NeighborTable
{
    private const ulong Macs = 1UL << 48;

    /// <summary>Writes those whose MAC is known.</summary>
    /// <returns>How many there are.</returns>
    public int Write(ImageWriter image, Instant now)
    {
        var place = image.Reserve();
        var count = 0;
        for (var number = 0; number < _places.Used; number++)
        {
            var entry = _places.Read(number);
            if (entry.State != NeighborState.Reachable)
                continue;
            image.Write(new NeighborImage(
                entry.Address, Past(now, entry.Confirmed), entry.Mac, entry.Former, entry.Former == 0 ? 0 : Past(now, entry.Lost)));
            count++;
        }
        image.Set(place, count);
        return count;
    }

    /// <summary>Knows what was written, and is no surer of it than the one that wrote it.</summary>
    /// <param name="image">What was written.</param>
    /// <param name="by">The port that they count for: whoever has made us look for them isn't known any more.</param>
    /// <param name="now">The moment.</param>
    /// <exception cref="InvalidDataException">It isn't whole. What was read counts.</exception>
    public void Read(ImageReader image, Port by, Instant now)
    {
        for (var left = image.ReadCount(sizeof(ulong)); left > 0; left--)
        {
            var neighbor = image.Read<NeighborImage>();
            if (neighbor.Address == 0 || neighbor.Mac is 0 or >= Macs || neighbor.Former >= Macs)
                continue;
            lock (_writing)
            {
                // Who has spoken since is known better.
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
