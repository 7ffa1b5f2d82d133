using System.Text.Json;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>A namespace with a kernel bridge is a guest that joins what it has.</summary>
public sealed class LoopTests : IDisposable
{
    private readonly NetNs _one = new("one"), _other = new("other"), _near = new("near"), _far = new("far");

    [Fact]
    public void A_guest_that_joins_two_ports_loses_the_newer_until_it_parts_them_and_the_others_go_on()
    {
        Need.Tun();
        using var started = SoftSwitchProcess.Start($$"""
            networks: { lab: { mode: internal } }
            ports:
              near: { network: lab, kind: tap, netns: "{{_near.Name}}", address: 10.8.0.1/24 }
              far: { network: lab, kind: tap, netns: "{{_far.Name}}", address: 10.8.0.2/24 }
              left: { network: lab, kind: tap, netns: "{{_one.Name}}" }
              right: { network: lab, kind: tap, netns: "{{_one.Name}}" }
            """);
        _one.Bridge("br0", "left", "right");
        Eventually.Holds(() =>
        {
            // Somebody looks for a neighbor.
            _near.Run("ip neigh flush all");
            Ping.Reaches(_near, "10.8.0.2", count: 1);
            return State(started, "right") == "failed";
        });
        Assert.Contains("port left", Port(started, "right").GetProperty("reason").GetString());
        Assert.Equal("up", State(started, "left"));
        Assert.True(Ping.Reaches(_near, "10.8.0.2") && Ping.Reaches(_far, "10.8.0.1"));
        _one.Check("ip link set dev right nomaster");
        Eventually.Holds(() => State(started, "right") == "up", seconds: 60);
        Assert.Single(started.Errors, line => line.Contains("loop"));
        started.Terminate();
    }

    /// <summary>Two networks between two bridges are a loop, which only their own STP can see.</summary>
    [Fact]
    public void Bridges_in_guests_find_their_loop_by_STP_where_control_frames_go_on()
    {
        Need.Tun();
        using var started = SoftSwitchProcess.Start($$"""
            networks:
              left: { mode: internal, control-frames: forward }
              right: { mode: internal, control-frames: forward }
            ports:
              a: { network: left, kind: tap, netns: "{{_one.Name}}" }
              b: { network: right, kind: tap, netns: "{{_one.Name}}" }
              c: { network: left, kind: tap, netns: "{{_other.Name}}" }
              d: { network: right, kind: tap, netns: "{{_other.Name}}" }
            """);
        foreach (var (guest, ports) in new[] { (_one, "ab"), (_other, "cd") })
        {
            guest.Check("ip link add br0 type bridge stp_state 1 forward_delay 200 hello_time 100 max_age 600");
            foreach (var port in ports)
                guest.Check($"ip link set dev {port} master br0");
            guest.Up("br0");
        }
        Eventually.Holds(() => Count("blocking") == 1 && Count("forwarding") == 3, seconds: 30);
        started.Terminate();
    }

    public void Dispose()
    {
        foreach (var guest in (NetNs[])[_one, _other, _near, _far])
            guest.Dispose();
    }

    private int Count(string state) =>
        new[] { _one, _other }.Sum(guest => guest.Check("ip -d -o link show").Split($"bridge_slave state {state}").Length - 1);

    private static JsonElement Port(SoftSwitchProcess started, string name) =>
        started.Items("ports").Single(port => port.GetProperty("name").GetString() == name);

    private static string State(SoftSwitchProcess started, string name) => Port(started, name).GetProperty("state").GetString()!;
}
