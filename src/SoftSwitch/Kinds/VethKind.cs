using SoftSwitch.Attach;
using SoftSwitch.Config.Rows;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints.Veth;
using SoftSwitch.Model;
using SoftSwitch.Persistence;

namespace SoftSwitch.Kinds;

/// <summary>A veth pair: a namespace gets one end, the switch the other.</summary>
public sealed record VethModel : InterfaceModel
{
    public override string Kind => VethKind.Veth;
}

/// <inheritdoc cref="VethModel"/>
internal sealed class VethKind : PortKind
{
    public const string Veth = "veth";

    public override string Word => Veth;

    public override string Says => "a namespace gets one end of a veth pair, the switch the other";

    public override IReadOnlyList<Row> Keys { get; } =
    [
        InterfaceKeys.Interface,
        InterfaceKeys.Netns with { Need = "netns: and the name, path or pid of the namespace that gets the other end" },
        InterfaceKeys.Address,
        InterfaceKeys.Gateway,
    ];

    public override bool LeadsToLan => false;

    /// <summary>Its own end is seen by nobody, and the other is in a namespace.</summary>
    public override bool MakesInterface => false;

    public override bool GivesInterface => true;

    public override int LongestMtu => int.MaxValue;

    public override int OpenFiles => 4;

    public override PortModel Blank(string name) => new VethModel { Name = name, Network = "", Interface = name };

    public override PortModel Complete(PortModel port, StationMacs macs) => port with { MadeMac = macs.Port(port.Network, port.Name) };

    public override Endpoint Endpoint(PortModel port)
    {
        var veth = (VethModel)port;
        return new VethEndpoint(veth.Options(), veth.OpenNetns(), veth.AddressAndPrefix(), veth.Gateway);
    }

    public override IEnumerable<Capability> Capabilities(PortModel port) => ((VethModel)port).NetnsCapabilities();

    public override AttachText Attach(PortModel port, AttachFormat format) => format == AttachFormat.Docker
        ? ContainerSteps.Of((VethModel)port)
        : AttachText.Refused(port, $"its interface is for the host or a namespace; {format.Word()} needs a port of kind guest");
}
