using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Images;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Stations;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Succession;

namespace SoftSwitch.State.Ports;

/// <summary>What is known behind the ports of a bridge, for the program that goes on: stations, and the neighbors of a station of ours
/// there. One without the other would be no use: a packet for a neighbor behind nobody knows which port goes to all of them.</summary>
internal static class BridgeImage
{
    /// <summary>Leaves it, if anything is known.</summary>
    /// <param name="heir">To whom.</param>
    /// <param name="key">By which name.</param>
    /// <param name="ports">The bridge's.</param>
    /// <param name="station">Whose neighbors are known; null: there is none.</param>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public static void Leave(Inheritance heir, string key, Bridge bridge, IEnumerable<PortState> ports, Station? station)
    {
        var names = ports.Where(port => port.Membership is not null).ToDictionary(port => port.Membership!.Slot, port => port.Model.Name);
        var (image, now) = (new ImageWriter(), new Instant(Environment.TickCount64));
        var known = bridge.Fdb.Write(image, slot => names.GetValueOrDefault(slot), now)
            + (station?.Ipv4Neighbors.Table.Write(image, now) ?? 0);
        if (known > 0)
            heir.Leave(key, image);
        else
            image.Dispose();
    }

    /// <summary>Knows what was written.</summary>
    /// <param name="image">What was written.</param>
    /// <param name="bridge">Where.</param>
    /// <param name="ports">The bridge's.</param>
    /// <param name="station">Whose neighbors are known; null: there is none.</param>
    /// <param name="portOf">A port by its name, of whichever bridge; null: it is gone.</param>
    /// <exception cref="InvalidDataException">It isn't whole. What was read counts.</exception>
    public static void Read(
        ImageReader image, Bridge bridge, IEnumerable<PortState> ports, Station? station, Func<string, Port?> portOf)
    {
        var slots = ports.Where(port => port.Membership is not null).ToDictionary(port => port.Model.Name, port => port.Membership!.Slot);
        var now = new Instant(Environment.TickCount64);
        bridge.Fdb.Read(image, name => slots.GetValueOrDefault(name), now);
        // A program from before may not have written them.
        if (station is not null && image.Left > 0)
            station.Ipv4Neighbors.Table.Read(image, portOf, station, now);
    }
}
