using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Endpoints;

/// <summary>What every port on an interface needs to know.</summary>
/// <param name="Name">The port's name.</param>
/// <param name="Interface">The interface's name.</param>
/// <param name="Mtu">Bytes of the longest packet, for the port and for an interface that is made for it.</param>
/// <param name="Mac">The address for an interface that is made; null: the kernel's choice.</param>
public sealed record InterfaceOptions(string Name, string Interface, int Mtu, MacAddress? Mac = null);
