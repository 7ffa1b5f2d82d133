using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Ports;

/// <summary>A port of a <see cref="SwitchSnapshot"/>.</summary>
/// <param name="Model">As the file has it, or as its network brings it.</param>
/// <param name="Bridge">Where it is plugged in: its network's, or one that a network's way out has to itself.</param>
/// <param name="Slot">Its place there; 0: it has none, for it isn't open.</param>
/// <param name="Status">How it is.</param>
/// <param name="Reason">Why it is failed or down; or what isn't as it should be there, though it is up.</param>
/// <param name="Interface">The interface behind it.</param>
/// <param name="Netns">The namespace that is in, where it isn't the switch's own.</param>
/// <param name="Mac">The guest's address, where it was given or made; else the interface's, as long as it is
/// known.</param>
/// <param name="Counters">Reads what it has counted, the kernel's drops too.</param>
internal sealed record PortSnapshot(
    PortModel Model, Bridge Bridge, ushort Slot, PortStatus Status, string? Reason, string? Interface, string? Netns, MacAddress? Mac,
    Func<PortCounters> Counters);
