using SoftSwitch.Forwarding.Drops;
using SoftSwitch.State.Ports;
using SoftSwitch.Tests.Linux;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.State;

/// <summary>Two switches with two cables: both find the loop and cut it, at the same moment; one of them joins it again, and never
/// both.</summary>
public sealed class TwoSwitchesLoopTests : IDisposable
{
    private readonly MemorySwitch[] _switches = [new(), new()];
    private readonly CablePort[][] _cables = [[new("first"), new("second")], [new("first"), new("second")]];
    private readonly PortState[][] _ports = [new PortState[2], new PortState[2]];
    private readonly CablePort _guest = new("guest");

    /// <summary>Of each, the cable whose port has come up later.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 0)]
    public void One_end_of_one_cable_stays_out(int newerOfOne, int newerOfOther)
    {
        _switches[0].Add("guest", new MemoryEndpoint(port: _guest));
        Add(0, newerOfOne);
        Add(1, newerOfOther);
        for (var cable = 0; cable < 2; cable++)
            (_cables[0][cable].Other, _cables[1][cable].Other) = (_cables[1][cable], _cables[0][cable]);
        // What both have asked has come back to both before either decides.
        for (var of = 0; of < 2; of++)
            _switches[of].Workers.First.Probe(
                _switches[of].Bridge.Loops.Ask(_ports[of].Select(port => port.Membership!)), static e => Assert.Fail($"{e}"));
        SpinWait.SpinUntil(() => _cables.All(ends => ends.All(end => end.Counters(0).InDrops(DropReason.LoopProbe) > 0)));
        _switches[0].RunUntil(() => IsOut(0, newerOfOne));
        _switches[1].RunUntil(() => IsOut(1, newerOfOther));
        Pump();
        var heard = _guest.Heard;
        for (var round = 1; round <= 4; round++)
        {
            Tick(40_000 * round);
            Tick(40_000 * round + 1_000);
            Assert.Equal(1, Enumerable.Range(0, 4).Count(end => IsOut(end / 2, end % 2)));
            _guest.Send(Frame(Broadcast, Mac(3)));
            Pump();
        }
        Assert.Equal(2, _switches.Sum(one => one.Lines.Count(line => line.Message.Contains("a loop"))));
        Assert.InRange(_guest.Heard - heard, 0, 40); // Probes.

        // Who was told by a cable that has gone joins again as well.
        _cables[0][0].Other = _cables[1][0].Other = null;
        Tick(400_000);
        Tick(401_000);
        Assert.True(!IsOut(0, 1) && !IsOut(1, 1));
    }

    public void Dispose() => Array.ForEach(_switches, one => one.Dispose());

    private void Add(int of, int newer)
    {
        foreach (var cable in (int[])[1 - newer, newer])
        {
            var port = _cables[of][cable];
            _ports[of][cable] = _switches[of].Add(port.Name, new MemoryEndpoint(port: port));
        }
    }

    private bool IsOut(int of, int cable) => _ports[of][cable].Status == PortStatus.Failed;

    private void Tick(int later)
    {
        foreach (var one in _switches)
            one.Ports.Tick(Environment.TickCount64 + later);
        Pump();
    }

    /// <summary>Until nothing is on its way.</summary>
    private void Pump()
    {
        for (var quiet = 0; quiet < 3; quiet++)
        {
            foreach (var one in _switches)
            {
                one.Workers.Settle();
                one.RunUntil(static () => true);
                one.Workers.Settle();
            }
            if (_guest.IsEmpty && _cables.All(ends => ends.All(end => end.IsEmpty)))
                continue;
            quiet = -1;
        }
    }
}
