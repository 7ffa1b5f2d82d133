using SoftSwitch.Config.Rows;
using SoftSwitch.Model;

namespace SoftSwitch.Config.Keys;

/// <summary>The keys of the place where a translation meets the outside.</summary>
internal sealed class OutsideKeys : Table<OutsideModel>
{
    private const string Auto = "auto";

    public static readonly ScalarRow<string> Interface = Key("interface", HostScalars.Interface,
        outside => outside.Interface ?? Auto, (outside, name) => outside with { Interface = name == Auto ? null : name },
        "the interface that leads out; `auto` follows the host's routing, destination by destination, also by several interfaces and VPNs; "
            + "with an address of its own it is the interface of the host's default route");

    public static readonly ScalarRow<OutsideAddress> Address = Key("address", Scalars.OutsideAddress,
        outside => new OutsideAddress(outside.Address, outside.IsLeased),
        (outside, address) => outside with { Address = address.Own, IsLeased = address.IsByDhcp },
        "`host` shares the host's address; `192.0.2.10/24` is one of its own, with a MAC of its own; `dhcp` is one that a DHCP "
            + "server on the interface's LAN lends, with a MAC of its own, to each network that says so another");

    public static readonly ScalarRow<Packets.Ipv4Address> Gateway = Key("gateway", Scalars.Address,
        outside => outside.Gateway, (outside, address) => outside with { Gateway = address },
        "with an address of its own: the router outside; a lease says its own") with
    {
        Otherwise = "only the subnet of that address is reached",
    };

    public static readonly ScalarRow<PortPool> Ports = Key("ports", PortScalars.PortPool,
        outside => outside.Ports, (outside, ports) => outside with { Ports = ports },
        "the ports that translated flows get. Networks that share an address have equal pools or pools apart",
        otherwise: outside => outside.SharesHost ? PortPool.OfHost : PortPool.OfOwnAddress) with
    {
        Otherwise = $"`{PortPool.OfHost}`; with an address of its own `{PortPool.OfOwnAddress}`",
    };

    public static readonly IReadOnlyList<Row> All = [Interface, Address, Gateway, Ports];
}
