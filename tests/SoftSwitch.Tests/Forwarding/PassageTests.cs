using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Time;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>What a burst costs is up to its sender; a part of it never is more than was asked for, and all parts are the whole.</summary>
public sealed class PassageTests : IDisposable
{
    private const int Others = 50;

    private readonly Bridge _bridge = new("lan", TimeSpan.FromSeconds(300), 1000);
    private readonly List<MemoryPort> _ports = [];
    private readonly List<Membership> _members = [];
    private readonly Passage _passage = new(0);

    [Fact]
    public void A_flood_to_many_ports_is_sent_a_part_at_a_time()
    {
        AddPorts(1 + Others, PortOffloads.None);
        for (var i = 0; i < 64; i++)
            _ports[0].Send(Frame(Broadcast, Mac(1), i));
        Begin();
        var parts = 0;
        for (long before = 0, now; !_passage.Continue(64); before = now, parts++)
            Assert.InRange((now = Sent()) - before, 1, 2 * 64);
        Assert.InRange(parts, Others / 2, Others);
        Assert.Equal(64 * Others, Sent());
        for (var port = 1; port <= Others; port++)
            Assert.Equal(Enumerable.Range(0, 64), Received(port).Select(NumberOf));
    }

    [Theory]
    [InlineData(PortOffloads.None)]
    [InlineData(PortOffloads.Checksum)]
    [InlineData(PortOffloads.All)]
    public void A_super_frame_of_the_shortest_segments_is_cut_a_part_at_a_time_and_nothing_is_missing(PortOffloads offloads)
    {
        AddPorts(2, offloads);
        var (whole, wholeSegments) = Cut(int.MaxValue, out var calls);
        Assert.Equal(1, calls);
        var (parts, segments) = Cut(64, out calls);
        // Where a kernel cuts it, four segments are as much as one frame.
        Assert.InRange(calls, offloads == PortOffloads.All ? 4 : 20, 30);
        Assert.Equal(whole, parts);
        Assert.Equal(wholeSegments, segments);
    }

    /// <summary>A kernel cuts what it is handed in one go.</summary>
    [Fact]
    public void No_output_is_handed_a_thousand_segments_at_once()
    {
        AddPorts(2, PortOffloads.All);
        Cut(int.MaxValue, out _);
        SendSuperFrame();
        Begin();
        _passage.Continue(int.MaxValue);
        var received = Received(1);
        Assert.Equal(4, received.Count);
        Assert.All(received, frame => Assert.InRange((frame.Bytes.Length - 54) / frame.Offload.GsoSize, 1, 384));
    }

    [Fact]
    public void A_port_that_leaves_while_frames_for_it_rest_gets_none_of_them()
    {
        AddPorts(1 + Others, PortOffloads.None);
        for (var i = 0; i < 64; i++)
            _ports[0].Send(Frame(Broadcast, Mac(1), i));
        Begin();
        Assert.False(_passage.Continue(64));
        _bridge.Detach(_members[Others]);
        while (!_passage.Continue(64))
        {
        }
        Assert.Empty(Received(Others));
        Assert.Equal(64, _ports[Others].Total().OutDrops(DropReason.PortDown));
        Balance();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_ended_in_the_middle_is_counted(bool isSuperFrame)
    {
        AddPorts(3, PortOffloads.None);
        if (isSuperFrame)
            SendSuperFrame();
        else
            _ports[0].Send(Frame(Broadcast, Mac(1), 1));
        Begin();
        Assert.False(_passage.Continue(1));
        _passage.Abort();
        Assert.Equal(isSuperFrame ? 2 : 1, _ports.Sum(port => port.Total().OutDrops(DropReason.PortDown)));
        Balance();
        _ports[0].Send(Frame(Broadcast, Mac(1), 2));
        Begin();
        Assert.True(_passage.Continue(64));
        Assert.Equal(2, NumberOf(Received(2)[^1]));
        Balance();
    }

    public void Dispose()
    {
        _passage.Dispose();
        _ports.ForEach(port => port.Dispose());
    }

    private void AddPorts(int count, PortOffloads offloads)
    {
        for (var i = 0; i < count; i++)
        {
            _ports.Add(new($"port{i}", offloads, queueLength: 4096));
            _members.Add(_bridge.Attach(_ports[^1]));
            _bridge.SetUp(_members[^1], true);
        }
    }

    private void Begin()
    {
        _passage.Burst.Clear();
        _ports[0].Receive(_passage.Burst);
        _passage.Begin(_members[0], new Instant(5_000));
    }

    private void SendSuperFrame()
    {
        var spec = new PacketSpec { Payload = 60_000 };
        _ports[0].Send(spec.Offload(48), spec.Build(isPartial: true));
    }

    /// <summary>Sends it by parts.</summary>
    /// <returns>What arrived.</returns>
    private (List<string> Frames, long Segments) Cut(int sends, out int calls)
    {
        SendSuperFrame();
        Begin();
        var before = _ports[1].Total().Segments;
        for (calls = 1; !_passage.Continue(sends); calls++)
        {
        }
        Balance();
        return ([.. Received(1).Select(frame => Convert.ToHexString(frame.Bytes))], _ports[1].Total().Segments - before);
    }

    private long Sent() => _ports.Sum(port => port.Total().OutFrames);

    private void Balance()
    {
        var sum = new PortCounters();
        _ports.ForEach(port => sum.Add(port.Total()));
        Assert.Equal(sum.InFrames + sum.Copies + sum.Segments, sum.OutFrames + sum.InDropsTotal + sum.OutDropsTotal);
    }

    private List<ReceivedFrame> Received(int port)
    {
        var frames = new List<ReceivedFrame>();
        while (_ports[port].TryTake(out var frame))
        {
            frames.Add(new(frame.Bytes.ToArray(), frame.Offload));
            MemoryPort.Return(frame);
        }
        return frames;
    }
}
