using SoftSwitch.Kinds;
using SoftSwitch.Logging;
using SoftSwitch.Packets;
using SoftSwitch.Persistence;
using SoftSwitch.Tests.Config;

namespace SoftSwitch.Tests.Persistence;

public sealed class SwitchIdentityTests : IDisposable
{
    private const string Machine = "0123456789abcdef0123456789abcdef";

    private readonly string _root = Directory.CreateTempSubdirectory("ss").FullName;

    private string State => Path.Combine(_root, "state");

    private string Salt => Path.Combine(State, SwitchIdentity.SaltFile);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Addresses_are_the_same_at_every_start_locally_administered_and_each_its_own()
    {
        var first = Addresses(Macs(out var said));
        Assert.Equal("", said);
        Assert.Equal(first, Addresses(Macs(out _)));
        Assert.Equal(first, Addresses(Macs(out _, socket: "/elsewhere.sock")));
        Assert.Equal(first.Length, first.Distinct().Count());
        Assert.All(first, mac => Assert.True(mac is { IsLocallyAdministered: true, IsMulticast: false }));
    }

    [Fact]
    public void Another_machine_another_salt_and_another_name_each_make_other_addresses()
    {
        var here = Addresses(Macs(out _));
        Assert.Empty(here.Intersect(Addresses(Macs(out _, machine: "f" + Machine[1..]))));
        Assert.Empty(here.Intersect(Addresses(Macs(out _, folder: Path.Combine(_root, "other")))));
        Assert.Empty(here.Intersect(Addresses(Macs(out _), "lan2", outside: 3)));
    }

    [Fact]
    public void An_address_in_the_file_wins()
    {
        var model = Files.Read("""
            networks: { lan: { mode: internal } }
            ports:
              a: { network: lan, kind: guest, mac: "52:54:00:00:00:01" }
              b: { network: lan, kind: tap, mac: "52:54:00:00:00:02" }
              c: { network: lan, kind: nic, interface: eth9 }
            """).Model!;
        Assert.Equal(["52:54:00:00:00:01", "52:54:00:00:00:02", null],
            Macs(out _).Complete(model).Ports.Select(port => port.GuestMac?.ToString()));
    }

    [Fact]
    public void The_salt_is_its_owner_s_alone_and_nothing_else_is_beside_it()
    {
        Macs(out _);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Salt));
        Assert.Equal(["salt", "switch-1", "switches"], Directory.GetFiles(State).Select(Path.GetFileName).Order());
        Assert.DoesNotContain(Machine, string.Concat(Directory.GetFiles(State).Select(File.ReadAllText)));
    }

    [Fact]
    public void Two_switches_that_run_side_by_side_have_different_addresses_and_keep_them_in_any_order()
    {
        MacAddress[] one, other;
        using (var first = Take("/one.sock", out _))
        using (var second = Take("/other.sock", out var said))
        {
            (one, other) = (Addresses(first.Macs), Addresses(second.Macs));
            Assert.Contains("this switch is number 2 of those that run from", said);
        }
        Assert.Empty(one.Intersect(other));
        using (var second = Take("/other.sock", out _))
        using (var first = Take("/one.sock", out _))
            Assert.Equal((one[0], other[0]), (Addresses(first.Macs)[0], Addresses(second.Macs)[0]));
        Assert.Equal(other, Addresses(SwitchIdentity.Look(State, "/other.sock", Machine, out _)!));
    }

    [Theory]
    [InlineData("switch-1")]
    [InlineData("switches")]
    public void What_somebody_puts_in_the_place_of_a_file_is_told_and_makes_no_other_switch_of_this_one(string name)
    {
        var before = Addresses(Macs(out _));
        var path = Path.Combine(State, name);
        File.Delete(path);
        File.WriteAllText(path, "");
        File.SetUnixFileMode(path, (UnixFileMode)0b110_110_110);
        Assert.Equal(before, Addresses(Macs(out var said)));
        var line = Assert.Single(said.TrimEnd('\n').Split('\n'));
        Assert.Contains($"{path} can be written by others", line);
        Assert.DoesNotContain("another switch", line);
    }

    [Fact]
    public void One_that_runs_beside_has_a_number_of_its_own_though_its_file_is_a_stranger_s()
    {
        using var first = Take("/one.sock", out _);
        File.CreateSymbolicLink(Path.Combine(State, "switch-2"), "/etc/hostname");
        using var second = Take("/other.sock", out var said);
        Assert.Empty(Addresses(first.Macs).Intersect(Addresses(second.Macs)));
        Assert.Contains("switch-2 is a symbolic link", said);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0123\n")]
    [InlineData("zz23456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n")]
    public void A_damaged_salt_is_said_and_left_alone(string text)
    {
        Directory.CreateDirectory(State);
        File.WriteAllText(Salt, text);
        var macs = Addresses(Macs(out var said));
        Assert.Contains("is damaged", Assert.Single(said.TrimEnd('\n').Split('\n')));
        Assert.Equal(text, File.ReadAllText(Salt));
        Assert.Equal(macs, Addresses(Macs(out _)));
    }

    [Fact]
    public void Without_a_folder_that_can_be_written_addresses_are_the_machine_s_and_a_line_says_so()
    {
        // A file in the way stops root as well.
        File.WriteAllText(Path.Combine(_root, "file"), "");
        var folder = Path.Combine(_root, "file/state");
        var macs = Addresses(Macs(out var said, folder));
        Assert.Contains("write state: and a folder that can be written", Assert.Single(said.TrimEnd('\n').Split('\n')));
        Assert.Equal(macs, Addresses(Macs(out _, folder)));
        Assert.Empty(macs.Intersect(Addresses(Macs(out _, folder, machine: "f" + Machine[1..]))));
        Assert.Contains("made from names alone", Said(folder, machine: ""));
    }

    [Theory]
    [InlineData(Machine, null, Machine)]
    [InlineData("0123456789ABCDEF0123456789abcdef", null, Machine)]
    [InlineData("uninitialized", null, "")]
    [InlineData("", "00000000-0000-0000-0000-000000000000", "")]
    [InlineData(null, "4c4c4544-0043-4a10-8052-b9c04f564232", "\n4c4c4544-0043-4a10-8052-b9c04f564232")]
    [InlineData(Machine, "4C4C4544-0043-4A10-8052-B9C04F564232", Machine + "\n4c4c4544-0043-4a10-8052-b9c04f564232")]
    [InlineData(Machine, "Not Settable", Machine)]
    public void A_machine_is_known_by_its_id_and_by_its_firmware_s(string? machine, string? firmware, string identity) =>
        Assert.Equal(identity, MachineIdentity.Of(machine, firmware));

    private StationMacs Macs(out string said, string? folder = null, string socket = "/run/control.sock", string machine = Machine)
    {
        var log = new RememberedLog();
        using var identity = SwitchIdentity.Take(folder ?? State, socket, machine, log);
        said = string.Concat(log.Lines.Select(line => line.Text + "\n"));
        return identity.Macs;
    }

    private string Said(string folder, string machine)
    {
        Macs(out var said, folder, machine: machine);
        return said;
    }

    private SwitchIdentity Take(string socket, out string said)
    {
        var log = new RememberedLog();
        var identity = SwitchIdentity.Take(State, socket, Machine, log);
        said = string.Concat(log.Lines.Select(line => line.Text + "\n"));
        return identity;
    }

    /// <summary>Of every station that can have one.</summary>
    private static MacAddress[] Addresses(StationMacs macs, string network = "lan", uint outside = 1)
    {
        var tap = macs.Complete(new TapModel { Name = "a", Network = network, Interface = "a" });
        var guest = (GuestModel)macs.Complete(new GuestModel { Name = "b", Network = network, Interface = "b" });
        var veth = macs.Complete(new VethModel { Name = "c", Network = network, Interface = "c", Netns = "c" });
        return
        [
            tap.GuestMac!.Value, guest.GuestMac!.Value, guest.InterfaceMac!.Value, veth.GuestMac!.Value, macs.Gateway(network),
            macs.HostInterface(network),
            macs.Outside(null, new(outside)), macs.Outside(null, new(outside + 1)), macs.Outside(network, default),
            macs.HostWay(network), macs.HostWayTap(network),
        ];
    }
}
