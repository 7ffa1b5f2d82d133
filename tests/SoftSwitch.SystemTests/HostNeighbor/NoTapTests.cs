using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.HostNeighbor;

/// <summary>A machine without taps: what comes between the host and its uplink is a veth.</summary>
public class NoTapTests
{
    [Fact]
    public void Host_and_guest_reach_each_other_without_taps_also_when_what_is_between_them_must_be_made_anew()
    {
        Need.Tool("mount");
        using var hood = new Neighborhood(start: false);
        // No port is in a namespace: nothing else keeps the right to make one.
        hood.Host.Check($"ip link add name plug type veth peer name eth0 netns {hood.Guests.Name}");
        hood.Host.Up("plug");
        hood.Guests.Up("eth0");
        hood.Guests.Address("eth0", $"{Neighborhood.GuestAddress}/16");
        var (file, socket) = (TemporaryFolder.NewPath(".yaml"), TemporaryFolder.NewPath(".sock"));
        File.WriteAllText(file, """
            networks: { office: { mode: bridged, uplink: nic } }
            ports: { plug: { network: office, kind: nic, interface: plug } }
            """);
        // What is mounted there is there for this one program.
        using var started = hood.Host.Start("sh", "-c",
            $"mount -t tmpfs none /dev/net && exec {PublishedExecutable.Path} run {file} --socket {socket}");
        started.WaitForOutputLine("ready");
        Ping.Wait(hood.Guests, Neighborhood.HostAddress);
        var before = hood.Host.Check($"ip -o link show dev {Neighborhood.Helper}").Split(':')[0];
        hood.Host.Check($"ip link del dev {Neighborhood.Helper}");
        Eventually.Holds(() => hood.Host.Run($"ip -o link show dev {Neighborhood.Helper}") is { ExitStatus: 0 } made
            && made.Output.Split(':')[0] != before);
        Ping.Wait(hood.Guests, Neighborhood.HostAddress);
    }
}
