using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>Two namespaces that hold a tap's interface each, on one internal network.</summary>
[Collection(typeof(AloneOnTheMachine))]
public sealed class TapTests(TapTests.Lab lab) : IClassFixture<TapTests.Lab>
{
    [Fact]
    public void Two_namespaces_ping_each_other_over_IPv4_and_IPv6_also_with_fragments()
    {
        Ping.Wait(lab.One, "10.8.0.2");
        Ping.Wait(lab.One, "fd08::2");
        Assert.True(Ping.Reaches(lab.Two, "10.8.0.1", bytes: 4000));
        Assert.True(Ping.Reaches(lab.Two, "fd08::1", bytes: 4000));
    }

    [Theory]
    [InlineData("10.8.0.2", false)]
    [InlineData("10.8.0.2", true)]
    [InlineData("fd08::2", false)]
    [InlineData("fd08::2", true)]
    public void A_TCP_stream_crosses_in_both_directions(string address, bool reverse)
    {
        Ping.Wait(lab.One, address);
        Iperf.Delivers(lab.One, lab.Two, address, reverse, bytes: 200_000_000);
    }

    [Theory]
    [InlineData("10.8.0.2")]
    [InlineData("fd08::2")]
    public void UDP_datagrams_arrive(string address)
    {
        Ping.Wait(lab.One, address);
        var result = Iperf.Run(lab.One, lab.Two, address, seconds: 1, udpMegabits: 20);
        // A receiver that waits for a processor loses what its socket can't hold, whoever carried it there.
        Assert.True(result.Datagrams > 1000 && result.LostDatagrams <= result.Datagrams / 2, $"{result}");
    }

    [Fact]
    public void Each_frame_is_counted_where_it_came_in_and_where_it_went_out()
    {
        Ping.Wait(lab.One, "10.8.0.2");
        Iperf.Run(lab.One, lab.Two, "10.8.0.2", bytes: 20_000_000);
        Thread.Sleep(500);
        var ports = lab.Switch.Items("ports");
        long In(string what) => ports.Sum(port => port.GetProperty("in").GetProperty(what).GetInt64());
        long Out(string what) => ports.Sum(port => port.GetProperty("out").GetProperty(what).GetInt64());
        // What the kernel dropped on the doorstep never came in, or had gone out; what flooding and cutting added went out besides.
        var doorstep = lab.Switch.Items("drops")
            .Where(drop => drop.GetProperty("reason").GetString() is "kernel-queue-full" or "receiver-dropped")
            .Sum(drop => drop.GetProperty("count").GetInt64());
        var network = Assert.Single(lab.Switch.Items("networks"));
        var added = network.GetProperty("copies").GetInt64() + network.GetProperty("segments").GetInt64();
        Assert.Equal(In("frames") + added, Out("frames") + In("drops") - doorstep + Out("drops"));
    }

    [Fact]
    public void The_stations_are_in_the_forwarding_database()
    {
        Ping.Wait(lab.One, "10.8.0.2");
        var macs = lab.Switch.Items("fdb").ToDictionary(entry => entry.GetProperty("mac").GetString()!,
            entry => entry.GetProperty("port").GetString());
        Assert.Equal("one", macs[lab.One.Mac("one")]);
        Assert.Equal("two", macs[lab.Two.Mac("two")]);
    }

    public sealed class Lab : IDisposable
    {
        private readonly Lazy<(NetNs One, NetNs Two, SoftSwitchProcess Switch)> _made = new(Make);

        public NetNs One => _made.Value.One;

        public NetNs Two => _made.Value.Two;

        public SoftSwitchProcess Switch => _made.Value.Switch;

        public void Dispose()
        {
            if (!_made.IsValueCreated)
                return;
            Switch.Terminate();
            Switch.Dispose();
            One.Dispose();
            Two.Dispose();
        }

        private static (NetNs, NetNs, SoftSwitchProcess) Make()
        {
            Need.Tun();
            var (one, two) = (new NetNs("one"), new NetNs("two"));
            var started = SoftSwitchProcess.Start($$"""
                networks: { lab: { mode: internal } }
                ports:
                  one: { network: lab, kind: tap, netns: "{{one.Name}}", address: 10.8.0.1/24 }
                  two: { network: lab, kind: tap, netns: "{{two.Name}}", address: 10.8.0.2/24 }
                """);
            one.Address("one", "fd08::1/64");
            two.Address("two", "fd08::2/64");
            return (one, two, started);
        }
    }
}
