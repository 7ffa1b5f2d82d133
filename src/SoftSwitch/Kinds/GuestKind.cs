using System.Globalization;
using System.Security;
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

// A virtual machine takes a port of this kind: the tap exists (the switch made it), so whoever starts the machine must neither make it nor
// run a script for it. Its device must not offer UFO: no packet socket can receive what a guest makes of it. It tells the guest the
// port's MTU.

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

    public override PortModel Blank(string name) => new GuestModel { Name = name, Network = "", Interface = name };

    public override PortModel Complete(PortModel port, StationMacs macs) => (GuestModel)port with
    {
        MadeMac = macs.Port(port.Network, port.Name),
        InterfaceMac = macs.GuestTap(port.Network, port.Name),
    };

    /// <exception cref="ArgumentException">The owner is no user of this machine.</exception>
    public override Endpoint Endpoint(PortModel port)
    {
        var guest = (GuestModel)port;
        return new GuestEndpoint(guest.Options() with { Mac = guest.InterfaceMac }, Owner(guest.Owner));
    }

    public override IEnumerable<Capability> Capabilities(PortModel port) => [Capability.NetAdmin, Capability.NetRaw];

    public override AttachText Attach(PortModel port, AttachFormat format) => (format, (GuestModel)port) switch
    {
        (AttachFormat.Qemu, var guest) => AttachText.Of(Qemu(guest)),
        (AttachFormat.Libvirt, var guest) => AttachText.Of(Libvirt(guest)),
        (AttachFormat.VirtInstall, { Interface: var name }) when name.Contains(',') =>
            AttachText.Refused(port,
                "virt-install can't take a comma in an interface's name; use --format libvirt, or rename the interface"),
        (AttachFormat.VirtInstall, var guest) => AttachText.Of(VirtInstall(guest)),
        (AttachFormat.Docker, _) =>
            AttachText.Refused(port, "it is for a virtual machine; a container needs a port of kind veth with a netns"),
        _ => throw new ArgumentOutOfRangeException(nameof(format)),
    };

    private static uint? Owner(string? owner)
    {
        if (owner is null)
            return null;
        if (uint.TryParse(owner, NumberStyles.None, CultureInfo.InvariantCulture, out var uid))
            return uid;
        return LocalUser.Find(owner) ?? throw new ArgumentException($"owner {owner}: there is no user of this name; see: getent passwd");
    }

    private static string Qemu(GuestModel port)
    {
        // QEMU wants a letter first in an id, and a comma in a value doubled.
        var id = char.IsAsciiLetter(port.Name[0]) ? port.Name : $"port{port.Name}";
        return $"-netdev {ShellWord.Of($"tap,id={id},ifname={port.Interface.Replace(",", ",,")},script=no,downscript=no")} "
            + $"-device virtio-net-pci,netdev={id},mac={port.GuestMac},host_ufo=off,host_mtu={port.Mtu}";
    }

    private static string Libvirt(GuestModel port) =>
        $"""
        <interface type='ethernet'>
          <mac address='{port.GuestMac}'/>
          <target dev='{SecurityElement.Escape(port.Interface)}' managed='no'/>
          <model type='virtio'/>
          <mtu size='{port.Mtu}'/>
          <driver>
            <host ufo='off'/>
          </driver>
        </interface>
        """;

    /// <summary>
    /// virt-install has no word for <c>managed</c>, without which libvirt refuses a tap that exists, nor for what the device must not
    /// offer: its xpath options set them.
    /// </summary>
    private static string VirtInstall(GuestModel port) => "--network " + ShellWord.Of(
        $"type=ethernet,mac={port.GuestMac},model=virtio,mtu.size={port.Mtu},"
        + $"xpath1.set=./target/@dev={port.Interface},xpath2.set=./target/@managed=no,xpath3.set=./driver/host/@ufo=off");
}
