using System.Security;
using SoftSwitch.Attach;

namespace SoftSwitch.Kinds;

/// <summary>
/// The lines that plug a virtual machine into a guest's port. The switch has made the tap, so the program that starts the machine must
/// neither make it nor run a script for it. The machine's device must not offer UFO: no packet socket can receive what a guest makes of it.
/// It tells the guest the port's MTU.
/// </summary>
internal static class MachineLines
{
    public static AttachText Of(GuestModel port, AttachFormat format) => format switch
    {
        AttachFormat.Qemu => AttachText.Of(Qemu(port)),
        AttachFormat.Libvirt => AttachText.Of(Libvirt(port)),
        AttachFormat.VirtInstall when port.Interface.Contains(',') =>
            AttachText.Refused(port,
                "virt-install can't take a comma in an interface's name; use --format libvirt, or rename the interface"),
        AttachFormat.VirtInstall => AttachText.Of(VirtInstall(port)),
        AttachFormat.Docker =>
            AttachText.Refused(port, "it is for a virtual machine; a container needs a port of kind veth with a netns"),
        _ => throw new ArgumentOutOfRangeException(nameof(format)),
    };

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
