using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Logging;
using SoftSwitch.Persistence;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State.Nat;

/// <summary>
/// The switch as its translating networks see it: what makes and keeps addresses, and where they plug ports of their own in. For the
/// control loop alone.
/// </summary>
internal interface INatSwitch
{
    /// <summary>What makes the addresses of stations.</summary>
    StationMacs Macs { get; }

    /// <summary>By which addresses guests were known before.</summary>
    AddressMemory Addresses { get; }

    /// <summary>Which outside addresses networks were lent before.</summary>
    OutsideLeaseMemory OutsideLeases { get; }

    /// <summary>What the program before this one has left in this process, until all is open.</summary>
    Inheritance Inherited { get; }

    /// <summary>Where they tell what happens.</summary>
    ISwitchLog Log { get; }

    /// <summary>The ports that live.</summary>
    SwitchPorts Ports { get; }

    /// <summary>Who carries the frames.</summary>
    SwitchWorkers Workers { get; }

    /// <summary>The bridge of the network that has a NIC as its uplink; null: none has.</summary>
    /// <param name="index">The NIC's number.</param>
    /// <param name="name">Its name, by which an uplink that isn't open waits for it.</param>
    Bridge? BridgeOn(int index, string name);
}
