using System.Security;
using SoftSwitch.Config;
using SoftSwitch.Model;

namespace SoftSwitch.Attach;

// What plugs a guest into a port, ready to be pasted. A virtual machine takes a port of kind guest: the tap exists (the switch
// made it), so whoever starts the machine must neither make it nor run a script for it. A container takes one end of a veth
// pair, or a tap's interface: these ports name a namespace, and a container's namespace is known by its pid once it runs, so
// what is printed are the steps. A virtual machine's device must not offer UFO: no packet socket can receive what a guest makes of it. It tells the guest the
// port's MTU. Everything else is refused with what would do. Nothing here asks the machine.

/// <summary>The line, XML or steps for one port, or why there are none.</summary>
/// <param name="Fits">False: <paramref name="Text"/> is the reason, one line.</param>
/// <param name="Text">Without a line break at its end.</param>
public sealed record AttachText(bool Fits, string Text)
{
    public static AttachText For(PortModel port, AttachFormat format) => (port, format) switch
    {
        (GuestModel guest, AttachFormat.Qemu) => new(true, Qemu(guest)),
        (GuestModel guest, AttachFormat.Libvirt) => new(true, Libvirt(guest)),
        (GuestModel { Interface: var name }, AttachFormat.VirtInstall) when name.Contains(',') =>
            Refused(port, "virt-install can't take a comma in an interface's name; use --format libvirt, or rename the interface"),
        (GuestModel guest, AttachFormat.VirtInstall) => new(true, VirtInstall(guest)),
        (GuestModel, _) => Refused(port, "it is for a virtual machine; a container needs a port of kind veth with a netns"),
        (VethModel veth, AttachFormat.Docker) => new(true, Docker(veth with { Netns = ContainerPid })),
        (TapModel { Netns: not null } tap, AttachFormat.Docker) => new(true, Docker(tap with { Netns = ContainerPid })),
        (TapModel, AttachFormat.Docker) => Refused(port, "its interface is the host's; give it a netns to put it into a container, or use kind veth"),
        (NicModel, _) => Refused(port, "it is an interface of this machine, so what is plugged in is a cable; a virtual machine needs a port of kind guest, a container one of kind veth"),
        _ => Refused(port, $"its interface is for the host or a namespace; {format.Word()} needs a port of kind guest"),
    };

    private const string ContainerPid = "PID";

    private static AttachText Refused(PortModel port, string why) => new(false, $"port '{port.Name}' is of kind {port.Kind.Word()}: {why}");

    private static string Qemu(GuestModel port)
    {
        // QEMU wants a letter first in an id, and a comma in a value doubled.
        var id = char.IsAsciiLetter(port.Name[0]) ? port.Name : $"port{port.Name}";
        return $"-netdev {ShellWord($"tap,id={id},ifname={port.Interface.Replace(",", ",,")},script=no,downscript=no")} "
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
    /// virt-install has no word for <c>managed</c>, without which libvirt refuses a tap that exists, nor for what the device must not offer: its xpath options set them.
    /// </summary>
    private static string VirtInstall(GuestModel port) => "--network " + ShellWord(
        $"type=ethernet,mac={port.GuestMac},model=virtio,mtu.size={port.Mtu},xpath1.set=./target/@dev={port.Interface},xpath2.set=./target/@managed=no,"
        + "xpath3.set=./driver/host/@ufo=off");

    private static string Docker(PortModel port) =>
        $$$"""
        # 1. Start the container without a network of its own:
        docker run -d --name {{{port.Name}}} --network none IMAGE
        # 2. Ask for its pid:
        docker inspect -f '{{.State.Pid}}' {{{port.Name}}}
        # 3. Write that pid in place of PID in the port's entry, and start the switch:
        #      {{{ConfigWriter.Write(port)}}}
        # A container that starts anew has another pid: repeat steps 2 and 3.
        """;

    /// <summary>A word that a POSIX shell takes as it is, in single quotes where it needs them.</summary>
    private static string ShellWord(string word) =>
        word.All(letter => char.IsAsciiLetterOrDigit(letter) || "=,.:/@_-+".Contains(letter)) ? word : $"'{word.Replace("'", @"'\''")}'";
}
