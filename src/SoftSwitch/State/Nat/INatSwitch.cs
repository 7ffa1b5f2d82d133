using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Persistence;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State.Nat;

/// <summary>
/// The switch as its translating networks see it: what it was told, what makes and keeps addresses, and places for ports of their own. For
/// the control loop alone.
/// </summary>
internal interface INatSwitch
{
    /// <summary>What runs, with an address for every port that needs one.</summary>
    SwitchModel Model { get; }

    /// <summary>What makes the addresses of stations.</summary>
    StationMacs Macs { get; }

    /// <summary>By which addresses guests were known before.</summary>
    AddressMemory Addresses { get; }

    /// <summary>Where they tell what happens.</summary>
    ISwitchLog Log { get; }

    /// <summary>The ports that live: another list whenever one comes or goes.</summary>
    IReadOnlyList<PortState> Ports { get; }

    /// <summary>Where the ports of a network are.</summary>
    Bridge BridgeOf(string network);

    /// <summary>Opens one port more, or leaves nothing of it.</summary>
    PortState Plug(PortModel model, Endpoint endpoint, Bridge bridge);

    /// <summary>Closes a port for good.</summary>
    void Remove(PortState state);

    /// <summary>Returns when every worker has ended the turn it was in.</summary>
    void Settle();
}
