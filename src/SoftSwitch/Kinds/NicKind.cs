using SoftSwitch.Attach;
using SoftSwitch.Config.Rows;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints.Nic;
using SoftSwitch.Linux.Endpoints.Tap;
using SoftSwitch.Model;
using SoftSwitch.Persistence;

namespace SoftSwitch.Kinds;

/// <summary>An interface that exists already.</summary>
public sealed record NicModel : InterfaceModel
{
    public NicModel() => FloodLimit = FloodLimitOfLan;

    /// <summary>Its network's way to the LAN, by which the host is a neighbor of the guests.</summary>
    public bool IsUplink { get; init; }

    public override string Kind => NicKind.Nic;
}

/// <inheritdoc cref="NicModel"/>
internal sealed class NicKind : PortKind
{
    public const string Nic = "nic";

    public override string Word => Nic;

    public override string Says => "a physical NIC, a veth end, any interface that is there";

    public override IReadOnlyList<Row> Keys { get; } = [InterfaceKeys.Interface];

    public override bool LeadsToLan => true;

    public override bool MakesInterface => false;

    public override bool GivesInterface => false;

    public override int LongestMtu => int.MaxValue;

    public override int OpenFiles => 5;

    public override PortModel Blank(string name) => new NicModel { Name = name, Network = "", Interface = name };

    /// <summary>The interface has its own address.</summary>
    public override PortModel Complete(PortModel port, StationMacs macs) => port;

    public override Endpoint Endpoint(PortModel port) => new NicEndpoint(((NicModel)port).Options(), ((NicModel)port).IsUplink);

    public override IEnumerable<Capability> Capabilities(PortModel port)
    {
        yield return Capability.NetAdmin;
        yield return Capability.NetRaw;
        // What comes between the host and an uplink is a veth where there are no taps: its other end gets a namespace of its own, each time
        // that it is opened.
        if (((NicModel)port).IsUplink && !TapDevice.IsAvailable)
            yield return Capability.SysAdmin;
    }

    public override AttachText Attach(PortModel port, AttachFormat format) => AttachText.Refused(port,
        "it is an interface of this machine, so what is plugged in is a cable; "
        + "a virtual machine needs a port of kind guest, a container one of kind veth");
}
