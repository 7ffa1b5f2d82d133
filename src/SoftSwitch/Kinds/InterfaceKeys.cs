using SoftSwitch.Config.Rows;
using SoftSwitch.Model;

namespace SoftSwitch.Kinds;

/// <summary>The keys that kinds with an interface choose from.</summary>
internal sealed class InterfaceKeys : Table<InterfaceModel>
{
    public static readonly ScalarRow<string> Interface = Key("interface", HostScalars.Interface,
        port => port.Interface, (port, name) => port with { Interface = name },
        "the network interface, which is made for the port, or there already (`nic`)") with
    {
        IsAlwaysWritten = true,
        Otherwise = "the port's name",
    };

    public static readonly ScalarRow<string> Netns = Key("netns", HostScalars.Netns,
        port => port.Netns, (port, netns) => port with { Netns = netns },
        "the namespace that gets the interface: its name, its path or a pid") with { Otherwise = "the host's" };

    public static readonly ScalarRow<InterfaceAddress> Address = Key("address", Scalars.InterfaceAddress,
        port => port.Address, (port, address) => port with { Address = address },
        "an address to put on the interface");
}
