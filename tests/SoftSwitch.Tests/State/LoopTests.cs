using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.State.Ports;
using SoftSwitch.Tests.Linux;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.State;

/// <summary>Ports that are joined behind the switch are found, and one is taken out until they are parted.</summary>
public sealed class LoopTests : IDisposable
{
    private readonly MemorySwitch _running = new();
    private readonly Dictionary<string, CablePort> _cables = [];
    private readonly Dictionary<string, PortState> _ports = [];

    [Fact]
    public void Of_two_ports_that_are_joined_the_newer_is_taken_out_and_told_once_and_nobody_is_lost()
    {
        Add("a", "b", "c");
        Join("a", "b");
        Speak("c");
        _running.RunUntil(() => IsOut("b"));
        Assert.Contains("port a", _ports["b"].Reason);
        _running.Ports.Tick(Environment.TickCount64);
        Assert.Equal((PortStatus.Up, PortStatus.Up), (_ports["a"].Status, _ports["c"].Status));
        Assert.Single(_running.Lines, line => line.Message.Contains("loop"));
        // What is for the station is not sent into what was the loop.
        Assert.Contains(_running.Bridge.Fdb.Lookup(Mac(3), new Instant(Environment.TickCount64)),
            new ushort[] { 0, _ports["c"].Membership!.Slot });
    }

    [Fact]
    public void It_stays_out_without_a_frame_going_round_until_the_two_are_parted()
    {
        Add("a", "b", "c");
        Join("a", "b");
        Speak("c");
        _running.RunUntil(() => IsOut("b") && _cables.Values.All(cable => cable.IsEmpty));
        _running.Workers.Settle();
        var heard = _cables["c"].Heard;
        for (var round = 1; round <= 3; round++)
        {
            Ask(40_000 * round);
            _running.RunUntil(() => _ports["b"].Loop is { IsThere: true });
            _running.Ports.Tick(Environment.TickCount64 + 40_000 * round + 1_000);
            Assert.True(IsOut("b"));
        }
        Part("a", "b");
        Ask(200_000);
        _running.RunUntil(() => _cables["b"].Heard > 0);
        _running.Workers.Settle();
        _running.RunUntil(() => true);
        _running.Ports.Tick(Environment.TickCount64 + 201_000);
        Assert.Equal(PortStatus.Up, _ports["b"].Status);
        Assert.Equal(2, _running.Lines.Count(line => line.Subject?.Name == "port b" && line.Message == "up"));
        Assert.InRange(_cables["c"].Heard - heard, 0, 8); // Probes.

        Join("a", "b");
        Speak("c");
        _running.RunUntil(() =>
        {
            _running.Ports.Tick(Environment.TickCount64 + 202_000);
            return IsOut("b");
        });
    }

    [Fact]
    public void A_port_that_brings_back_what_it_is_sent_is_taken_out_alone()
    {
        Add("a", "b", "c");
        _cables["a"].Other = _cables["a"];
        _running.RunUntil(() =>
        {
            Speak("c");
            Thread.Sleep(1);
            return IsOut("a");
        });
        Assert.Equal((PortStatus.Up, PortStatus.Up), (_ports["b"].Status, _ports["c"].Status));
    }

    [Theory]
    [InlineData("a", "host")]
    [InlineData("host", "a")]
    public void The_host_stays_and_the_guest_that_is_joined_to_it_does_not(string first, string second)
    {
        Add(first, second, "c");
        Join("a", "host");
        Speak("c");
        _running.RunUntil(() => IsOut("a"));
        Assert.Equal(PortStatus.Up, _ports["host"].Status);
    }

    [Fact]
    public void Those_behind_the_port_that_stays_are_not_forgotten()
    {
        Add("host", "a", "c");
        Speak("host", Mac(7));
        _running.RunUntil(() => At(Mac(7)) == "host");
        Join("a", "host");
        Speak("c");
        _running.RunUntil(() => IsOut("a"));
        _running.Ports.Tick(Environment.TickCount64);
        Assert.Equal("host", At(Mac(7)));
    }

    /// <summary>They are joined by the NIC, and the switch doesn't join them.</summary>
    [Fact]
    public void An_uplink_and_its_host_stay_both_whatever_comes_from_one_to_the_other()
    {
        Add("host-up", "host");
        var (uplink, host) = (_ports["host-up"].Membership!, _ports["host"].Membership!);
        uplink.Group = host.Group = 1;
        _cables["host-up"].Other = _cables["host"];
        for (var round = 1; round <= 3; round++)
        {
            _running.Workers.First.Probe(_running.Bridge.Loops.Ask([uplink]), static e => Assert.Fail($"{e}"));
            _running.RunUntil(() => host.Port.Counters(0).InDrops(DropReason.LoopProbe) == round);
            _running.RunUntil(() => true);
            _running.Ports.Tick(Environment.TickCount64 + 1_000 * round);
        }
        Assert.All(_ports.Values, port => Assert.Equal(PortStatus.Up, port.Status));
    }

    /// <summary>Somebody behind the first gives away what he is sent, or it is a loop that goes one way: the first has brought
    /// nothing.</summary>
    [Theory]
    [InlineData("a", "b")]
    [InlineData("b", "a")]
    public void Who_sends_in_what_another_was_sent_harms_himself_alone_whoever_came_first(string first, string second)
    {
        Add(first, second, "c", "d");
        _cables["a"].Other = _cables["b"];
        var offset = 0;
        _running.RunUntil(() =>
        {
            // Two others change places, so there is something to suspect.
            Speak("c");
            Speak("d", Mac(3));
            Thread.Sleep(20);
            _running.Ports.Tick(Environment.TickCount64 + offset++);
            return IsOut("b");
        });
        Assert.Equal(PortStatus.Up, _ports["a"].Status);
    }

    public void Dispose() => _running.Dispose();

    private void Add(params string[] names)
    {
        foreach (var name in names)
        {
            _cables.Add(name, new(name));
            _ports.Add(name, _running.Add(name, new MemoryEndpoint(port: _cables[name])));
        }
    }

    private void Join(string one, string other) => (_cables[one].Other, _cables[other].Other) = (_cables[other], _cables[one]);

    private void Part(string one, string other)
    {
        (_cables[one].Other, _cables[other].Other) = (null, null);
        _running.Workers.Settle();
    }

    private string? At(ulong station) => _ports.Values.FirstOrDefault(port =>
        port.Membership?.Slot == _running.Bridge.Fdb.Lookup(station, new Instant(Environment.TickCount64)))?.Model.Name;

    private void Speak(string port, ulong station = 0) => _cables[port].Send(Frame(Broadcast, station == 0 ? Mac(3) : station));

    private bool IsOut(string port) => _ports[port].Status == PortStatus.Failed;

    /// <summary>It is due.</summary>
    private void Ask(int later) => _running.Ports.Tick(Environment.TickCount64 + later);
}
