using System.Xml.Linq;
using SoftSwitch.Attach;
using SoftSwitch.Kinds;
using SoftSwitch.Model;

namespace SoftSwitch.Tests.Attach;

public class AttachTextTests
{
    private static readonly GuestModel Guest = new() { Name = "vm1", Network = "dev", Interface = "tap1", Mac = new(0x5254_0000_0001) };

    [Fact]
    public void Qemu_gets_the_options_of_one_line() => Fits(
        "-netdev tap,id=vm1,ifname=tap1,script=no,downscript=no "
            + "-device virtio-net-pci,netdev=vm1,mac=52:54:00:00:00:01,host_ufo=off,host_mtu=1500",
        Guest, AttachFormat.Qemu);

    [Fact]
    public void A_name_that_qemu_would_not_take_as_an_id_gets_letters_in_front() => Fits(
        "-netdev tap,id=port1-a,ifname=tap1,script=no,downscript=no "
            + "-device virtio-net-pci,netdev=port1-a,mac=52:54:00:00:00:01,host_ufo=off,host_mtu=1500",
        Guest with { Name = "1-a" }, AttachFormat.Qemu);

    [Fact]
    public void An_interface_with_letters_that_a_shell_or_qemu_would_take_for_something_else_is_quoted() => Fits(
        @"-netdev 'tap,id=vm1,ifname=a,,b'\''$c,script=no,downscript=no' "
            + "-device virtio-net-pci,netdev=vm1,mac=52:54:00:00:00:01,host_ufo=off,host_mtu=1500",
        Guest with { Interface = "a,b'$c" }, AttachFormat.Qemu);

    [Fact]
    public void Libvirt_gets_an_interface_that_leaves_the_tap_alone()
    {
        Fits(
            """
            <interface type='ethernet'>
              <mac address='52:54:00:00:00:01'/>
              <target dev='tap1' managed='no'/>
              <model type='virtio'/>
              <mtu size='1500'/>
              <driver>
                <host ufo='off'/>
              </driver>
            </interface>
            """, Guest, AttachFormat.Libvirt);
        var strange = XElement.Parse(For(Guest with { Interface = "<'&\">" }, AttachFormat.Libvirt).Text);
        Assert.Equal("<'&\">", strange.Element("target")!.Attribute("dev")!.Value);
    }

    [Fact]
    public void Virt_install_gets_an_option_that_leaves_the_tap_alone() => Fits(
        "--network type=ethernet,mac=52:54:00:00:00:01,model=virtio,mtu.size=1500,"
            + "xpath1.set=./target/@dev=tap1,xpath2.set=./target/@managed=no,xpath3.set=./driver/host/@ufo=off",
        Guest, AttachFormat.VirtInstall);

    [Fact]
    public void Docker_gets_the_steps_that_put_a_veth_end_into_a_container() => Fits(
        """
        # 1. Start the container without a network of its own:
        docker run -d --name web --network none IMAGE
        # 2. Ask for its pid:
        docker inspect -f '{{.State.Pid}}' web
        # 3. Write that pid in place of PID in the port's entry, and start the switch:
        #      web: { network: dev, kind: veth, interface: eth0, netns: PID, address: 10.0.0.9/24 }
        # A container that starts anew has another pid: repeat steps 2 and 3.
        """,
        new VethModel { Name = "web", Network = "dev", Interface = "eth0", Netns = "4711", Address = new(new(0x0A000009), 24) },
        AttachFormat.Docker);

    [Fact]
    public void A_tap_in_a_namespace_goes_into_a_container_as_well()
    {
        var text = For(new TapModel { Name = "web", Network = "dev", Interface = "eth0", Netns = "web" }, AttachFormat.Docker);
        Assert.True(text.Fits);
        Assert.Contains("#      web: { network: dev, kind: tap, interface: eth0, netns: PID }", text.Text);
    }

    [Fact]
    public void What_does_not_fit_is_refused_in_one_line_that_says_what_would()
    {
        PortModel[] ports =
        [
            Guest,
            new TapModel { Name = "p", Network = "dev", Interface = "p" },
            new TapModel { Name = "p", Network = "dev", Interface = "p", Netns = "box" },
            new VethModel { Name = "p", Network = "dev", Interface = "p", Netns = "box" },
            new NicModel { Name = "p", Network = "dev", Interface = "p" },
        ];
        var refused = ports.SelectMany(_ => Enum.GetValues<AttachFormat>(), For).Where(text => !text.Fits).ToList();
        Assert.Equal(5 * 4 - 5, refused.Count);
        foreach (var text in refused)
        {
            Assert.StartsWith("port '", text.Text);
            Assert.DoesNotContain('\n', text.Text);
            Assert.Matches("port of kind (guest|veth)|give it a netns", text.Text);
        }
    }

    [Fact]
    public void The_address_that_was_made_for_a_port_is_told_where_the_file_gives_none()
    {
        var made = Guest with { MadeMac = new(0x0200_0000_0001) };
        Assert.Contains($"mac={Guest.Mac}", For(made, AttachFormat.Qemu).Text);
        Assert.Contains("mac=02:00:00:00:00:01", For(made with { Mac = null }, AttachFormat.Qemu).Text);
    }

    private static AttachText For(PortModel port, AttachFormat format) => PortKinds.Of(port).Attach(port, format);

    private static void Fits(string expected, PortModel port, AttachFormat format) => Assert.Equal(new(true, expected), For(port, format));
}
