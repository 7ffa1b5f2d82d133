using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.Forwarding;

public sealed class FrameSetTests
{
    [Fact]
    public void A_set_has_what_was_put_in_and_goes_through_it_in_order()
    {
        var random = new Random(1);
        for (var round = 0; round < 200; round++)
        {
            var (one, other) = (Some(), Some());
            FrameSet first = Set(one), second = Set(other);
            Assert.Equal(one, In(first));
            Assert.Equal(one.Union(other).Order(), In(first | second));
            Assert.Equal(one.Except(other), In(first - second));
            Assert.Equal((one.Count, one.Count == 0), (first.Count, first.IsEmpty));
            Assert.All(Enumerable.Range(0, FrameSet.Capacity), index => Assert.Equal(one.Contains(index), first.Contains(index)));
            Assert.Equal(Enumerable.Range(0, round % 65), In(FrameSet.First(round % 65)));
        }

        List<int> Some() => [.. Enumerable.Range(0, FrameSet.Capacity).Where(_ => random.Next(3) == 0)];

        static List<int> In(FrameSet frames) => [.. frames];

        static FrameSet Set(List<int> indexes) => indexes.Aggregate(default(FrameSet), (set, index) => set | FrameSet.Of(index));
    }

    [Fact]
    public void One_burst_brings_frames_of_two_networks_and_each_goes_on_in_its_own()
    {
        Bridge[] networks = [new("even", TimeSpan.FromSeconds(300), 100), new("odd", TimeSpan.FromSeconds(300), 100)];
        using var trunk = new MemoryPort("trunk");
        using MemoryPort even = new("even"), odd = new("odd");
        Membership[] members = [networks[0].Attach(trunk), networks[1].Attach(trunk)],
            all = [.. members, networks[0].Attach(even), networks[1].Attach(odd)];
        foreach (var member in all)
            member.Bridge.SetUp(member, true);
        using var burst = new Burst();
        using var egress = new Egress(0);
        var sends = int.MaxValue;
        using var dataplane = new Dataplane(0);
        for (var i = 0; i < Burst.Capacity; i++)
            Assert.True(trunk.Send(Frame(i % 3 == 0 ? Broadcast : Mac(9), Mac(1), i)));

        trunk.Receive(burst);
        for (var network = 0; network < 2; network++)
        {
            var frames = default(FrameSet);
            for (var i = network; i < Burst.Capacity; i += 2)
                frames |= FrameSet.Of(i);
            foreach (var delivery in dataplane.Process(burst, frames, members[network], new(1000)))
                egress.Transmit(delivery.Source, delivery.Output.Port, delivery.Frames, ref sends);
        }

        Assert.Equal(Enumerable.Range(0, 32).Select(i => 2 * i), Numbers(even));
        Assert.Equal(Enumerable.Range(0, 32).Select(i => 2 * i + 1), Numbers(odd));
        Assert.Equal((64L, 0L, 64 * 64L), (trunk.Total().InFrames, trunk.Total().InDropsTotal, trunk.Total().InBytes));
        Assert.All(members, member => Assert.Equal(member.Slot, member.Bridge.Fdb.Lookup(Mac(1), new(1000))));
    }

    private static List<int> Numbers(MemoryPort port)
    {
        var numbers = new List<int>();
        while (port.TryTake(out var frame))
        {
            numbers.Add(BitConverter.ToInt32(frame.Bytes[14..]));
            MemoryPort.Return(frame);
        }
        return numbers;
    }
}
