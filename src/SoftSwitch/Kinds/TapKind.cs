using SoftSwitch.Attach;
using SoftSwitch.Config.Rows;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints.Tap;
using SoftSwitch.Model;
using SoftSwitch.Persistence;

namespace SoftSwitch.Kinds;

/// <summary>A tap whose descriptor the switch holds and whose interface the host or a namespace gets.</summary>
public sealed record TapModel : InterfaceModel
{
    public override string Kind => TapKind.Tap;
}

/// <inheritdoc cref="TapModel"/>
internal sealed class TapKind : PortKind
{
    public const string Tap = "tap";

    /// <summary>What the kernel lets a tap have (drivers/net/tun.c): 65,535 bytes with the Ethernet header.</summary>
    public const int Longest = 65521;

    public override string Word => Tap;

    public override string Says => "the host or a namespace holds the interface, the switch the tap's descriptor";

    public override IReadOnlyList<Row> Keys { get; } =
    [
        InterfaceKeys.Interface, InterfaceKeys.Netns, InterfaceKeys.Address, InterfaceKeys.Gateway,
    ];

    public override bool LeadsToLan => false;

    public override bool MakesInterface => true;

    public override bool GivesInterface => true;

    public override int LongestMtu => Longest;

    public override int OpenFiles => 3;

    public override PortModel Blank(string name) => new TapModel { Name = name, Network = "", Interface = name };

    public override PortModel Complete(PortModel port, StationMacs macs) => port with { MadeMac = macs.Port(port.Network, port.Name) };

    public override Endpoint Endpoint(PortModel port)
    {
        var tap = (TapModel)port;
        return new TapEndpoint(tap.Options(), tap.OpenNetns(), tap.AddressAndPrefix(), tap.Gateway);
    }

    public override IEnumerable<Capability> Capabilities(PortModel port) => ((TapModel)port).NetnsCapabilities();

    public override AttachText Attach(PortModel port, AttachFormat format) => (format, port) switch
    {
        (AttachFormat.Docker, TapModel { Netns: null }) =>
            AttachText.Refused(port, "its interface is the host's; give it a netns to put it into a container, or use kind veth"),
        (AttachFormat.Docker, TapModel tap) => ContainerSteps.Of(tap),
        _ => AttachText.Refused(port, $"its interface is for the host or a namespace; {format.Word()} needs a port of kind guest"),
    };
}
