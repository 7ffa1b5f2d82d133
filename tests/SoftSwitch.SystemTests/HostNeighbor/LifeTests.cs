using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Nftables;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;
using static SoftSwitch.SystemTests.HostNeighbor.Neighborhood;

namespace SoftSwitch.SystemTests.HostNeighbor;

/// <summary>Start, stop, kill, and everything that may become of a NIC.</summary>
[Collection(typeof(AloneOnTheMachine))]
public sealed class LifeTests
{
    [Fact]
    public async Task A_connection_of_the_host_over_its_only_NIC_outlives_start_stop_and_kill_and_nothing_is_left()
    {
        Need.Tun();
        using var all = new Neighborhood(start: false);
        Ping.Wait(all.Host, StationAddress);
        // All the time, at a pace that no pause of the connection could hide behind.
        var connection = Task.Run(() => Iperf.Run(all.Host, all.Station, StationAddress, seconds: 12, more: "-b 50M -i 0.5"));
        for (var round = 0; round < 2; round++)
        {
            all.Start();
            Assert.True(Ping.Reaches(all.Host, GuestAddress));
            Assert.NotEqual(all.Before, all.State());
            all.Switch!.Terminate();
            Assert.Equal(all.Before, all.State());
            all.Start();
            Assert.True(Ping.Reaches(all.Guests, HostAddress));
            all.Switch!.Kill();
            Eventually.Equal(all.Before, all.State);
        }
        var result = await connection;
        Assert.True(result.ReceivedBytes > 12 * 50_000_000L / 8 * 0.9, $"{result}");
        Assert.True(Ping.Reaches(all.Host, StationAddress));
    }

    [Fact]
    public void A_NIC_that_goes_down_changes_or_is_replaced_keeps_the_host_in_the_network()
    {
        Need.Tun();
        using var all = new Neighborhood();
        Assert.True(Ping.Reaches(all.Host, GuestAddress));

        all.Host.Check("ip link set dev nic down");
        Eventually.Holds(() => all.PortState(Helper) == "down" && all.PortState("nic") == "down");
        all.Host.Up("nic");
        Eventually.Holds(() => all.PortState(Helper) == "up");
        Ping.Wait(all.Guests, HostAddress);
        Assert.True(Ping.Reaches(all.Host, GuestAddress));

        // Rules are hooked at it by its name.
        foreach (var (before, after) in new[] { ("nic", "wan"), ("wan", "nic") })
        {
            all.Host.Check($"ip link set dev {before} name {after}");
            Ping.Wait(all.Host, GuestAddress);
            Assert.True(Ping.Reaches(all.Guests, HostAddress));
        }

        all.Host.Check("ip link set dev nic address 02:00:00:00:00:99");
        Eventually.Holds(() => all.Switch!.Items("ports")
            .Single(port => port.GetProperty("kind").GetString() == "host").GetProperty("mac").GetString() == "02:00:00:00:00:99");
        all.Guests.Check("ip neigh flush dev eth0");
        Ping.Wait(all.Guests, HostAddress);
        Assert.True(Ping.Reaches(all.Host, GuestAddress));

        all.Host.Check("ip link set dev nic mtu 1400");
        // The helper is made anew for it, and is not there for a moment.
        Eventually.Holds(() => all.Host.Check("ip -o link show")
            .Split('\n').Any(line => line.Contains($"{Helper}:") && line.Contains("mtu 1400")));
        Ping.Wait(all.Host, GuestAddress);
        Assert.True(Ping.Reaches(all.Guests, HostAddress, bytes: 1300));
        Iperf.Delivers(all.Host, all.Guests, GuestAddress, bytes: Much);

        all.Host.Check("ip link delete dev nic");
        Eventually.Holds(() => all.PortState(Helper) == "failed" && all.PortState("nic") == "failed");
        all.Plug();
        Eventually.Holds(() => all.PortState(Helper) == "up");
        all.Guests.Check("ip neigh flush dev eth0");
        Ping.Wait(all.Guests, HostAddress);
        Assert.True(Ping.Reaches(all.Host, GuestAddress));
    }

    [Fact]
    public void A_helper_that_somebody_takes_down_or_deletes_comes_back()
    {
        Need.Tun();
        using var all = new Neighborhood();
        all.Host.Check($"ip link set dev {Helper} down");
        Ping.Wait(all.Host, GuestAddress);
        all.Host.Check($"ip link delete dev {Helper}");
        Ping.Wait(all.Host, GuestAddress);
        Ping.Wait(all.Guests, HostAddress);
    }

    [Fact]
    public void A_helper_whose_name_is_taken_gets_another()
    {
        Need.Tun();
        using var all = new Neighborhood(start: false);
        all.Host.Check($"ip link add name {Helper} type veth peer name other");
        all.Start();
        Assert.True(Ping.Reaches(all.Host, GuestAddress));
        var port = all.Switch!.Items("ports").Single(port => port.GetProperty("kind").GetString() == "host");
        Assert.Equal($"{Helper}-2", port.GetProperty("interface").GetString());
    }

    [Fact]
    public void Where_the_host_cannot_be_a_neighbor_one_line_says_why_and_the_guests_are_on_the_LAN()
    {
        Need.Tun();
        Need.RealRoot("a table that the test itself makes");
        using var all = new Neighborhood(start: false);
        using (var space = NetworkNamespace.Open(all.Host.Path))
        using (var taken = new NftTable("softswitch-nic", space))
        {
            all.Start();
            var line = Assert.Single(all.Switch!.Errors, line => line.Contains(Helper));
            Assert.Contains("the host and its guests can't reach each other by nic", line);
            Assert.Contains("nft list table netdev softswitch-nic", line);
            Assert.Equal("failed", all.PortState(Helper));
            Assert.DoesNotContain(Helper, all.Host.Check("ip -o link"));
            Assert.False(Ping.Reaches(all.Host, GuestAddress, count: 1));
        }
        Eventually.Holds(() => all.PortState(Helper) == "up");
        Ping.Wait(all.Host, GuestAddress);
    }
}
