using System.Globalization;
using SoftSwitch.Attach;
using SoftSwitch.Config.Rows;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints.Guest;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Persistence;

namespace SoftSwitch.Kinds;

/// <summary>A persistent tap whose descriptor QEMU holds; the switch holds the interface's side.</summary>
public sealed record GuestModel : InterfaceModel
{
    /// <summary>The user who may open the tap: a name, or a uid in digits. Null: the user who runs the switch.</summary>
    public string? Owner { get; init; }

    /// <summary>The MAC of the tap's interface on the host, with which nobody speaks; null: the kernel's choice.</summary>
    public MacAddress? InterfaceMac { get; init; }

    public override string Kind => GuestKind.Guest;
}

/// <inheritdoc cref="GuestModel"/>
internal sealed class GuestKind : PortKind
{
    public const string Guest = "guest";

    public override string Word => Guest;

    public override string Says => "QEMU/KVM holds the tap's descriptor, the switch the interface's side";

    public override IReadOnlyList<Row> Keys { get; } = [InterfaceKeys.Interface, GuestKeys.Owner];

    public override bool LeadsToLan => false;

    public override bool MakesInterface => true;

    public override bool GivesInterface => false;

    public override int LongestMtu => TapKind.Longest;

    public override int OpenFiles => 5;

    public override PortModel Blank(string name) => new GuestModel { Name = name, Network = "", Interface = name };

    public override PortModel Complete(PortModel port, StationMacs macs) => (GuestModel)port with
    {
        MadeMac = macs.Port(port.Network, port.Name),
        InterfaceMac = macs.GuestTap(port.Network, port.Name),
    };

    public override Endpoint Endpoint(PortModel port)
    {
        var guest = (GuestModel)port;
        return new GuestEndpoint(guest.Options() with { Mac = guest.InterfaceMac }, () => Owner(guest.Owner));
    }

    public override IEnumerable<Capability> Capabilities(PortModel port) => [Capability.NetAdmin, Capability.NetRaw];

    public override AttachText Attach(PortModel port, AttachFormat format) => MachineLines.Of((GuestModel)port, format);

    /// <exception cref="ArgumentException">The owner is no user of this machine.</exception>
    private static uint? Owner(string? owner)
    {
        if (owner is null)
            return null;
        if (uint.TryParse(owner, NumberStyles.None, CultureInfo.InvariantCulture, out var uid))
            return uid;
        return LocalUser.Find(owner) ?? throw new ArgumentException($"owner {owner}: there is no user of this name; see: getent passwd");
    }
}
