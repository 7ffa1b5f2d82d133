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

    public static readonly ScalarRow<PortAddress> Address = Key("address", Scalars.PortAddress,
        port => port.TakesAddress ? new PortAddress(null) : port.Address is { } own ? new PortAddress(own) : null,
        (port, address) => port with { Address = address.Own, TakesAddress = address.Own is null },
        "an address to put on the interface; `auto`, in a `netns`: one of those that the network gives by DHCP, the same at every start, "
            + "and in `nat` a default route by the gateway");

    public static readonly ScalarRow<PortGateway> Gateway = Key("gateway", Scalars.PortGateway,
        port => new PortGateway(port.Gateway, port.TakesGateway),
        (port, gateway) => port with { Gateway = gateway.Own, TakesGateway = gateway.IsTaken },
        "where the default route of the `netns` leads, if it has none yet; `auto`: with `address: auto` in `nat` to the network's gateway, "
            + "else there is none; `no`: there is none");
}
