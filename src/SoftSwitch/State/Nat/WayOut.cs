using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Routing;

namespace SoftSwitch.State.Nat;

/// <summary>One way out of translating networks: a bridge of its own with a port to the world or to the host, and the station that translates.</summary>
internal sealed record WayOut(PortState Port, Bridge Bridge, Outside Station)
{
    public Napt Translator => Station.Translator;

    /// <summary>Puts a station on a bridge of its own.</summary>
    public static Bridge Attach(string name, Outside station)
    {
        var bridge = new Bridge(name, TimeSpan.FromSeconds(300), stations: 4096);
        bridge.Attach(station);
        bridge.SetUp(station, true);
        return bridge;
    }
}
