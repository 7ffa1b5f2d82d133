using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Networks;

/// <summary>The stations that no other guest's port can bring, with the names of their ports: each port's own, whether the file gives the
/// address or the switch has made it. A made one is the same at every start, so whoever was a neighbor once knows it: he would have it
/// while its port is down, and keep it.</summary>
internal static class BoundStations
{
    /// <param name="ports">The ports of one network.</param>
    public static Dictionary<MacAddress, string> Of(IReadOnlyCollection<PortModel> ports)
    {
        var bound = ports.Where(port => port.Mac is not null).ToDictionary(port => port.Mac!.Value, port => port.Name);
        // What the file says comes first: somebody may have written down what was made for another port.
        foreach (var port in ports)
        {
            if (port.GuestMac is { } made)
                bound.TryAdd(made, port.Name);
        }
        return bound;
    }
}
