using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Stations;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Tests.Forwarding;

namespace SoftSwitch.Tests.Services;

/// <summary>A station that a guest asks the same in each turn, for tests of what answering allocates.</summary>
internal sealed class AskedService : IDisposable
{
    private readonly Passage _passage = new(0);
    private readonly SinkPort _guest;
    private readonly Membership _member;

    /// <param name="guest">Brings what is asked.</param>
    public AskedService(Bridge bridge, SinkPort guest, Station station)
    {
        _guest = guest;
        _member = bridge.Attach(guest);
        bridge.SetUp(_member, true);
        bridge.SetUp(bridge.Attach(station), true);
    }

    public Instant Now { get; private set; } = new(5_000);

    public void Run(int turns)
    {
        for (var turn = 0; turn < turns; turn++)
        {
            Now += TimeSpan.FromMilliseconds(20);
            _guest.Receive(_passage.Burst);
            _passage.Begin(_member, Now);
            _passage.Continue(int.MaxValue);
            _passage.Burst.Clear();
        }
    }

    /// <summary>A thousand turns of answers, and nothing of them on the heap.</summary>
    public void AllocatesNothing()
    {
        Run(100);
        var (before, swallowed) = (GC.GetAllocatedBytesForCurrentThread(), _guest.Swallowed);
        Run(1000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(_guest.Swallowed - swallowed > 10_000, $"only {_guest.Swallowed - swallowed} answers");
    }

    public void Dispose()
    {
        _passage.Dispose();
        _guest.Dispose();
    }
}
