using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;
using SoftSwitch.State.Changes;
using SoftSwitch.State.Ports;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>Ports that stay open in a change, that are replaced alone, and that make room for each other.</summary>
public sealed class ApplyMoveTests : IDisposable
{
    private const string Two = """
        networks: { one: { mode: internal }, two: { mode: internal } }
        ports:
          a: { network: one, kind: tap }
          b: { network: one, kind: tap }
          w: { network: two, kind: tap }
        """;

    private readonly AppliedSwitch _switch = new();

    [Fact]
    public void A_port_that_moves_stays_open_and_is_a_newcomer_where_it_goes()
    {
        _switch.Start(Two);
        _switch.Say("a");
        Eventually.Holds(() => _switch.Heard("one", "a"));
        var (port, index, mac, frames) = (Port("a").Port, Link("a").Index, Link("a").MacAddress, _switch.Frames("a"));
        _switch.Apply(Two.Replace("a: { network: one", "a: { network: two", StringComparison.Ordinal));
        Assert.Same(port, Port("a").Port);
        Assert.Equal((index, mac, "two"), (Link("a").Index, Link("a").MacAddress, Port("a").Bridge.Name));
        Assert.False(_switch.Heard("one", "a"));
        Assert.Equal(PortStatus.Up, Port("a").Status);
        var left = _switch.OutFrames("b");
        _switch.Say("a");
        Eventually.Holds(() => _switch.Heard("two", "a") && _switch.Frames("a") > frames);
        Assert.Equal(left, _switch.OutFrames("b"));
        Assert.Equal("two", _switch.Running.Look().Ports.Single(one => one.Model.Name == "a").Bridge.Name);
        // The same again is no difference, though a start would make another address.
        Assert.Empty(_switch.Apply(Two.Replace("a: { network: one", "a: { network: two", StringComparison.Ordinal)).Lines);
        _switch.Apply(Two);
        Assert.Same(port, Port("a").Port);
    }

    [Fact]
    public void A_network_of_another_mode_or_length_keeps_its_ports_open()
    {
        _switch.Start(Two);
        var (a, b) = (Port("a").Port, Port("b").Port);
        _switch.Apply(Two.Replace("one: { mode: internal }", "one: { mode: host-only, subnet: 10.1.0.0/24, mtu: 1400 }",
            StringComparison.Ordinal));
        Assert.Equal((a, b), (Port("a").Port, Port("b").Port));
        Assert.Equal((1400, 1400, 1400, 1500), (a!.Mtu, Link("a").Mtu, Link("ss-one").Mtu, Link("w").Mtu));
        var host = Port("ss-one").Port;
        // What is another of the host's interface replaces that alone, in whichever way it is in its own way.
        _switch.Apply(Two.Replace("one: { mode: internal }", "one: { mode: host-only, subnet: 10.1.0.0/25, gateway: 10.1.0.9 }",
            StringComparison.Ordinal));
        Assert.Equal((a, b), (Port("a").Port, Port("b").Port));
        Assert.NotSame(host, Port("ss-one").Port);
        Assert.Equal((Ipv4Address.Parse("10.1.0.9"), 25),
            _switch.Links.Addresses().Where(one => one.Interface == Link("ss-one").Index).Select(one => (one.Address, one.PrefixLength))
                .Single());
        Assert.Equal((1500, 1500), (a.Mtu, Link("a").Mtu));
        _switch.Apply(Two);
        Assert.Equal((a, b), (Port("a").Port, Port("b").Port));
        Assert.Null(_switch.Links.Find("ss-one"));
    }

    [Fact]
    public void Two_take_each_other_s_interface_and_a_third_the_name_of_one_that_goes()
    {
        _switch.Start(Two);
        var w = Port("w").Port;
        _switch.Apply("""
            networks: { one: { mode: internal }, two: { mode: internal } }
            ports:
              a: { network: one, kind: tap, interface: b }
              b: { network: one, kind: guest, interface: a }
              w: { network: two, kind: tap }
            """);
        Assert.Same(w, Port("w").Port);
        Assert.Equal(["a", "b", "lo", "w"], Names());
        Assert.Equal([("a", "b", "tap"), ("b", "a", "guest")], Shown().Where(one => one.Name != "w"));
        _switch.Apply(Two);
        Assert.Equal([("a", "a", "tap"), ("b", "b", "tap"), ("w", "w", "tap")], Shown());
    }

    [Fact]
    public void What_made_room_is_there_again_when_the_rest_is_refused_and_all_that_is_in_the_way_is_told()
    {
        _switch.Start(Two);
        _switch.Say("a");
        Eventually.Holds(() => _switch.Heard("one", "a"));
        var (b, w, place, frames) = (Port("b").Port, Port("w").Port, Port("w").Membership, _switch.Frames("a"));
        var refusal = Assert.Throws<ChangeRefusedException>(() => _switch.Apply("""
            workers: 3
            networks: { one: { mode: internal, mtu: 1300 }, two: { mode: host-only, subnet: 10.1.0.0/24 } }
            ports:
              a: { network: one, kind: guest }
              b: { network: two, kind: tap }
              w: { network: one, kind: tap, mtu: 1300 }
              x: { network: two, kind: nic, interface: no-such }
              y: { network: two, kind: nic, interface: nor-this }
            """));
        Assert.Equal(["port x: ", "port y: "], refusal.Obstacles.Select(line => line[..8]));
        Assert.Equal(["a", "b", "lo", "w"], Names());
        Assert.Equal([("a", "a", "tap"), ("b", "b", "tap"), ("w", "w", "tap")], Shown());
        Assert.Equal((b, w, place), (Port("b").Port, Port("w").Port, Port("w").Membership));
        Assert.Equal((1500, 1500, 1), (Link("w").Mtu, w!.Mtu, _switch.Running.Workers.Count));
        // It counts on from where it was.
        Assert.Equal(PortStatus.Up, Port("a").Status);
        Assert.InRange(_switch.Frames("a"), frames, long.MaxValue);
        _switch.Say("a");
        Eventually.Holds(() => _switch.Heard("one", "a"));
    }

    [Fact]
    public void Threads_come_and_go_and_go_on_elsewhere_and_each_port_has_one()
    {
        _switch.Start(Two);
        DevicePorts ports = new(Port("a").Port, Port("b").Port, Port("w").Port);
        foreach (var text in (string[])["workers: 3\npoll: always\n", "workers: 2\ncpus: [0, 1]\n", "workers: 1\ncpus: [0]\n", ""])
        {
            _switch.Apply(text + Two);
            Assert.Equal(ports, new(Port("a").Port, Port("b").Port, Port("w").Port));
            var model = _switch.Running.Model;
            Assert.Equal(model.Workers, _switch.Running.Workers.Count);
            var counts = _switch.Running.Ports.All.GroupBy(port => port.Worker).Select(group => group.Count()).ToArray();
            Assert.Equal((int.Min(model.Workers, 3), 3), (counts.Length, counts.Sum()));
            foreach (var name in (string[])["a", "b"])
            {
                var frames = _switch.Frames(name);
                _switch.Say(name);
                Eventually.Holds(() => _switch.Frames(name) > frames && _switch.Heard("one", name));
            }
        }
        var refusal = Assert.ThrowsAny<Exception>(() => _switch.Apply("workers: 2\ncpus: [0, 1023]\n" + Two));
        Assert.Contains("cpu 1023", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1, _switch.Running.Workers.Count);
    }

    public void Dispose() => _switch.Dispose();

    private PortState Port(string name) => _switch.Port(name);

    private LinkInfo Link(string name) => _switch.Links.Find(name)!;

    private IEnumerable<string> Names() => _switch.Links.List().Select(link => link.Name).Order();

    private IEnumerable<(string Name, string Interface, string Kind)> Shown() => _switch.Running.Look().Ports
        .Select(port => (port.Model.Name, port.Interface!, port.Model.Kind)).OrderBy(one => one.Name);

    private sealed record DevicePorts(object? A, object? B, object? W);
}
