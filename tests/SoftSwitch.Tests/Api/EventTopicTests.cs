using SoftSwitch.Api.Events;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;
using SoftSwitch.State;
using SoftSwitch.State.Ports;

namespace SoftSwitch.Tests.Api;

/// <summary>What of two looks at a switch is an event, and what isn't.</summary>
public class EventTopicTests
{
    private readonly IReadOnlyList<IEventTopic> _topics = EventTopics.All();
    private readonly SampleSwitch _sample = new();

    [Fact]
    public void The_first_look_tells_nothing_and_the_same_again_neither()
    {
        Assert.Empty(Look(_sample.Look()));
        Assert.Empty(Look(_sample.Look()));
    }

    [Fact]
    public void A_port_that_comes_goes_and_changes_is_told_and_its_counters_are_not()
    {
        var first = _sample.Look();
        Look(first);
        var ports = first.Ports.ToList();
        Assert.Empty(Look(first with { Ports = [.. ports.Select(port => Counting(port, 50))] }));
        var down = first with { Ports = [ports[0] with { Status = PortStatus.Down, Reason = "no link" }, .. ports[1..]] };
        var told = Assert.Single(Look(down));
        Assert.Equal(("port", "changed", $"port {ports[0].Model.Name}: down: no link"), (told.Topic, told.Change, told.Text));
        Assert.Equal(ports[0].Model.Name, told.PortName);
        Assert.Equal(["removed"], Look(first with { Ports = [.. ports[1..]] }).Select(one => one.Change));
        Assert.Equal(["added"], Look(first).Select(one => one.Change));
    }

    [Fact]
    public void A_station_that_is_heard_moves_and_is_forgotten_is_told()
    {
        var snapshot = _sample.Look();
        Look(snapshot);
        var network = snapshot.Networks[1];
        var (fdb, mac) = (network.Bridge.Fdb, new MacAddress(0x5254_0000_0077));
        var slots = snapshot.Ports.Where(port => port.Bridge == network.Bridge).Select(port => port.Slot).Take(2).ToArray();
        fdb.Learn(mac.Value, slots[0], snapshot.Now);
        Assert.Equal("added", Assert.Single(Look(snapshot)).Change);
        fdb.Flush(slots[0]);
        var gone = Look(snapshot).Single(one => one.Text.Contains(mac.ToString(), StringComparison.Ordinal));
        Assert.Equal(("station", "removed", "dev"), (gone.Topic, gone.Change, gone.NetworkName));
    }

    [Fact]
    public void Drops_are_told_when_there_are_many_and_while_it_lasts_every_ten_seconds()
    {
        var first = _sample.Look();
        Look(first);
        var told = new List<(long At, long Count)>();
        long count = 0;
        for (var at = 500; at <= 25_000; at += 500)
        {
            count += at <= 20_000 ? DropTopic.Threshold : 1;
            foreach (var one in Look(At(first, at, count)))
                told.Add((at, one.Count!.Value));
        }
        Assert.Equal([(500, 100), (10_500, 2000)], told);
        // Half of the threshold: nothing.
        Assert.Empty(Look(At(first, 60_000, count + DropTopic.Threshold * 17)));
    }

    [Fact]
    public void Another_configuration_is_told()
    {
        var first = _sample.Look();
        Look(first);
        Assert.Equal("config", Assert.Single(Look(first with { Model = first.Model with { Workers = 2 } })).Topic);
    }

    private List<EventView> Look(SwitchSnapshot snapshot)
    {
        List<EventView> told = [];
        foreach (var topic in _topics)
            topic.Look(snapshot, told.Add);
        return told;
    }

    private static SwitchSnapshot At(SwitchSnapshot first, long milliseconds, long drops) => first with
    {
        Now = new Instant(first.Now.Milliseconds + milliseconds),
        Ports = [first.Ports[0] with { Counters = () => Dropping(drops) }, .. first.Ports.Skip(1)],
    };

    private static PortSnapshot Counting(PortSnapshot port, long frames) =>
        port with { Counters = () => new PortCounters { InFrames = frames, InBytes = 60 * frames } };

    private static PortCounters Dropping(long count)
    {
        var counters = new PortCounters();
        counters.InDrops(DropReason.TooShort) = count;
        return counters;
    }
}
