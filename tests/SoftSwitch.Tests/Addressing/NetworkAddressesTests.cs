using SoftSwitch.Addressing;
using SoftSwitch.Errors;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Persistence;
using SoftSwitch.Tests.Config;

namespace SoftSwitch.Tests.Addressing;

public sealed class NetworkAddressesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ss").FullName;

    private string State => Path.Combine(_folder, "a/state");

    private string Memory => Path.Combine(State, SubnetMemory.FileName);

    [Fact]
    public void A_chosen_subnet_is_said_remembered_and_taken_again_in_silence()
    {
        var (first, said) = Complete("networks: { dev: { mode: nat }, lab: { mode: host-only } }", State);
        Assert.Equal(
            $"network dev: its subnet is {first.Networks[0].Subnet}, chosen because the file names none\n"
                + $"network lab: its subnet is {first.Networks[1].Subnet}, chosen because the file names none\n", said);
        Assert.All(first.Networks, network => Assert.Equal(network.Subnet!.Value.First, network.Gateway));
        var (second, again) = Complete("networks: { dev: { mode: nat }, lab: { mode: host-only } }", State);
        Assert.Equal((first, ""), (second, again));
        Assert.Equal(["subnets"], Directory.GetFiles(State).Select(Path.GetFileName));
    }

    [Fact]
    public void A_remembered_subnet_is_not_chosen_anew_by_another_choice_of_the_same_name()
    {
        Directory.CreateDirectory(State);
        File.WriteAllText(Memory, "# by hand\ndev 10.99.1.0/28\n");
        var (model, said) = Complete("networks: { dev: { mode: nat } }", State);
        Assert.Equal(("10.99.1.0/28", "10.99.1.1", ""), (model.Networks[0].Subnet.ToString(), model.Networks[0].Gateway.ToString(), said));
    }

    [Fact]
    public void A_subnet_that_had_to_give_way_is_said_and_the_new_one_remembered_beside_those_of_other_files()
    {
        Directory.CreateDirectory(State);
        File.WriteAllText(Memory, "dev 10.99.1.0/24\nelsewhere 10.99.2.0/24\n");
        var (model, said) = Complete("networks: { dev: { mode: nat } }", State, "10.99.1.0/24");
        Assert.Equal($"network dev: its subnet is {model.Networks[0].Subnet} from now on: 10.99.1.0/24 is taken by a route of this machine "
            + "or another network\n", said);
        Assert.Equal(["# The subnets that softswitch chose for networks whose file names none.", $"dev {model.Networks[0].Subnet}",
            "elsewhere 10.99.2.0/24"], File.ReadAllLines(Memory));
    }

    [Theory]
    [InlineData("")]
    [InlineData("dev\n")]
    [InlineData("dev 10.0.0.1/24\n")]
    [InlineData("dev 10.0.0.0/24 more\n")]
    [InlineData("DEV 10.0.0.0/24\n")]
    [InlineData("dev 127.0.0.0/24\n")]
    [InlineData("dev 10.99.1.0/24\0\n")]
    public void What_is_not_understood_is_left_out(string text)
    {
        Directory.CreateDirectory(State);
        File.WriteAllText(Memory, text);
        Assert.Empty(SubnetMemory.Load(State));
    }

    [Fact]
    public void Of_a_file_without_end_only_the_beginning_is_read_and_of_many_networks_the_latest_are_kept()
    {
        Directory.CreateDirectory(State);
        File.WriteAllText(Memory, string.Concat(Enumerable.Range(0, 100_000).Select(i => $"n{i} 10.{i % 256}.0.0/24\n")));
        Assert.InRange(SubnetMemory.Load(State).Count, 900, 1001);
        Complete("networks: { dev: { mode: nat } }", State);
        Assert.Equal(1001, File.ReadAllLines(Memory).Length);
        Assert.StartsWith("dev ", File.ReadAllLines(Memory)[1]);
    }

    [Fact]
    public void Without_a_folder_the_subnet_is_chosen_all_the_same_and_one_line_says_that_it_will_not_be_remembered()
    {
        var (model, said) = Complete("networks: { dev: { mode: nat } }", null);
        Assert.NotNull(model.Networks[0].Subnet);
        Assert.EndsWith("subnets that the file leaves out can't be remembered: no folder is known to be yours: XDG_STATE_HOME and HOME are "
            + "not set; write state: and a folder that can be written, or a subnet for each network\n", said);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_one_line()
    {
        File.WriteAllText(Path.Combine(_folder, "a"), "in the way");
        var (model, said) = Complete("networks: { dev: { mode: nat } }", State);
        Assert.NotNull(model.Networks[0].Subnet);
        Assert.Equal(2, said.Count(letter => letter == '\n'));
        Assert.Contains("\nsubnets that the file leaves out can't be remembered: ", said);
    }

    [Fact]
    public void A_file_in_which_every_network_has_its_subnet_writes_nothing()
    {
        var (model, said) = Complete("networks: { a: { mode: nat, subnet: 10.1.0.0/24 }, b: { mode: host-only, subnet: 10.2.0.0/24 } }",
            State, "10.0.0.0/8", "10.3.0.0/24");
        Assert.Equal((Files.Read("networks: { a: { mode: nat, subnet: 10.1.0.0/24 }, b: { mode: host-only, subnet: 10.2.0.0/24 } }").Model,
            ""), (model, said));
        Assert.False(Directory.Exists(State));
    }

    [Fact]
    public void A_file_without_such_networks_asks_for_no_routes()
    {
        var model = Files.Read("networks: { a: { mode: internal }, b: { mode: bridged, uplink: eth0 } }").Model!;
        Assert.Same(model, NetworkAddresses.Complete(model, State, () => throw new InvalidOperationException(), new RememberedLog()));
    }

    [Theory]
    [InlineData("10.1.0.0/24")]
    [InlineData("10.1.0.128/25")]
    [InlineData("10.1.0.7/32")]
    public void A_named_subnet_that_the_host_routes_is_an_obstacle_in_host_only_and_a_line_in_nat(string route)
    {
        var obstacle = Assert.Throws<StartRefusedException>(() =>
            Complete("networks: { lab: { mode: host-only, subnet: 10.1.0.0/24 } }", State, route));
        Assert.Equal($"network lab: this machine has a route for {route} already, in subnet 10.1.0.0/24: write another subnet, "
            + "or take that route away", obstacle.Message);
        Assert.Equal(
            $"network dev: its guests don't reach {route}, which this machine has a route for: it is in their own subnet 10.1.0.0/24\n",
            Complete("networks: { dev: { mode: nat, subnet: 10.1.0.0/24 } }", State, route).Said);
    }

    [Fact]
    public void A_machine_without_a_free_subnet_is_an_obstacle_with_a_cure()
    {
        var obstacle = Assert.Throws<StartRefusedException>(() =>
            Complete("networks: { dev: { mode: nat } }", State, "10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12"));
        Assert.Equal("network dev: no private subnet is free beside the routes of this machine: write subnet: and one that guests may have",
            obstacle.Message);
        Assert.False(Directory.Exists(State));
    }

    [Fact]
    public void Without_strictness_neither_is_said_and_what_has_no_subnet_gets_one_for_which_it_waits()
    {
        Ipv4Subnet[] routes = [.. ((string[])["10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12"]).Select(Subnet)];
        var log = new RememberedLog();
        var read = Files.Read("networks: { dev: { mode: nat }, lab: { mode: host-only, subnet: 10.0.0.0/8 } }").Model!;
        var model = NetworkAddresses.Complete(read, State, () => routes, log, isStrict: false);
        Assert.Empty(log.Lines);
        Assert.Equal(read, model);
        Assert.False(Directory.Exists(State));
        var (dev, lab) = (SubnetChoice.Provisional(model).Networks[0], SubnetChoice.Provisional(model).Networks[1]);
        Assert.False(dev.Subnet!.Value.Overlaps(lab.Subnet!.Value));
        Assert.Equal(dev.Subnet.Value.First, dev.Gateway);
        Assert.StartsWith("no private subnet is free", NetworkAddresses.Obstacle(dev, isProvisional: true, routes),
            StringComparison.Ordinal);
        Assert.StartsWith("this machine has a route for 10.0.0.0/8", NetworkAddresses.Obstacle(lab, isProvisional: false, routes),
            StringComparison.Ordinal);
        Assert.Null(NetworkAddresses.Obstacle(dev, isProvisional: true, []));
        Assert.Null(NetworkAddresses.Obstacle(lab, isProvisional: false, [Subnet("0.0.0.0/0")]));

        static Ipv4Subnet Subnet(string text) => Ipv4Subnet.TryParse(text, out var subnet) ? subnet : default;
    }

    [Fact]
    public void The_configuration_of_a_running_switch_has_the_chosen_subnet()
    {
        var (model, _) = Complete("networks: { dev: { mode: nat } }", State);
        Assert.Equal(model, Files.Read(SoftSwitch.Config.ConfigJson.Write(model)).Model);
    }

    [Fact]
    public void Guests_of_a_network_without_DHCP_must_be_told_subnet_and_gateway()
    {
        var model = Files.Read("""
            networks:
              a: { mode: nat, subnet: 10.1.0.0/24, dhcp: off }
              b: { mode: host-only, subnet: 10.2.0.0/24, dhcp: off }
              c: { mode: internal, subnet: 10.3.0.0/24 }
              d: { mode: nat, subnet: 10.4.0.0/24 }
              e: { mode: host-only, subnet: 10.5.0.0/24 }
            """).Model!;
        Assert.Equal(
        [
            "network a: no DHCP: its guests need addresses of their own in 10.1.0.0/24, with gateway 10.1.0.1",
            "network b: no DHCP: its guests need addresses of their own in 10.2.0.0/24; this machine is 10.2.0.1 there, on ss-b",
            null,
            null,
            "network e: this machine is 10.5.0.1 there, on ss-e",
        ], model.Networks.Select(NetworkAddresses.ForGuests));
    }

    [Fact]
    public void A_host_only_subnet_for_the_host_and_one_guest_has_no_DHCP()
    {
        var (model, _) = Complete(
            "networks: { a: { mode: host-only, subnet: 10.1.0.0/30 }, b: { mode: nat, subnet: 10.2.0.0/30 } }", State);
        Assert.Equal([false, true], model.Networks.Select(network => network.Dhcp is not null));
    }

    [Theory]
    [InlineData("/srv/state", 0, null, null, "/srv/state")]
    [InlineData(null, 0, "/xdg", "/root", "/var/lib/softswitch")]
    [InlineData(null, 1000, "/xdg", "/home/u", "/xdg/softswitch")]
    [InlineData(null, 1000, "relative", "/home/u", "/home/u/.local/state/softswitch")]
    [InlineData(null, 1000, null, "/home/u", "/home/u/.local/state/softswitch")]
    [InlineData(null, 1000, null, "", null)]
    public void The_state_folder_is_the_files_or_roots_or_the_users(string? named, uint user, string? xdg, string? home, string? folder) =>
        Assert.Equal(folder, StateFolder.Resolve(named, name => name == "HOME" ? home : xdg, user));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static (SwitchModel Model, string Said) Complete(string text, string? folder, params string[] routes)
    {
        var log = new RememberedLog();
        var model = NetworkAddresses.Complete(Files.Read(text).Model!, folder,
            () => [.. routes.Select(route => Ipv4Subnet.TryParse(route, out var subnet) ? subnet : default)], log);
        return (model, string.Concat(log.Lines.Select(line => line.Text + "\n")));
    }
}
