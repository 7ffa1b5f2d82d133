using CsCheck;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.Forwarding;

public sealed class OrderTests
{
    [Fact]
    public void Frames_before_and_after_the_receiver_speaks_arrive_once_and_in_order()
    {
        using var rig = new Rig(ports: 3);
        for (var i = 0; i < 200; i++)
        {
            if (i == 77)
                rig.Carry(1, Frame(Mac(1), Mac(2), -1));
            rig.Send(0, Frame(Mac(2), Mac(1), i));
            if (i % 7 == 0)
                rig.Turn();
        }
        rig.Turn();
        Assert.Equal(Enumerable.Range(0, 200), rig.Received(1).Select(NumberOf));
    }

    [Fact]
    public void Flooded_and_directed_frames_of_one_burst_keep_their_order()
    {
        using var rig = new Rig(ports: 3);
        rig.Carry(1, Frame(Broadcast, Mac(2)));
        rig.Received(2);
        for (var i = 0; i < 64; i++)
            rig.Send(0, Frame(i % 3 == 0 ? Broadcast : i % 3 == 1 ? Mac(2) : Mac(99), Mac(1), i));
        rig.Turn();
        Assert.Equal(Enumerable.Range(0, 64), rig.Received(1).Select(NumberOf));
        Assert.Equal(Enumerable.Range(0, 64).Where(i => i % 3 != 1), rig.Received(2).Select(NumberOf));
    }

    [Fact]
    public void Whatever_is_sent_every_pair_keeps_its_order_and_nobody_hears_a_frame_twice()
    {
        var step = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 7], Gen.Int[0, 9], Gen.Int[0, 9]);
        step.Array[1, 150].Sample(
            steps =>
            {
                using var rig = new Rig(ports: 4);
                for (var i = 0; i < steps.Length; i++)
                {
                    var (port, source, destination, turn) = steps[i];
                    rig.Send(port, Frame(destination > 7 ? Broadcast : Mac((uint)destination + 1), Mac((uint)source + 1), i));
                    if (turn == 0)
                        rig.Turn();
                }
                rig.Turn();
                for (var port = 0; port < 4; port++)
                {
                    var heard = rig.Received(port);
                    foreach (var pair in heard.GroupBy(frame => (steps[NumberOf(frame)].Item1, Convert.ToHexString(frame.Bytes[..12]))))
                    {
                        var numbers = pair.Select(NumberOf).ToList();
                        Assert.Equal(numbers.Distinct().Order(), numbers);
                    }
                    Assert.Equal(heard.Count, heard.Select(NumberOf).Distinct().Count());
                    Assert.DoesNotContain(heard, frame => steps[NumberOf(frame)].Item1 == port);
                }
            },
            iter: 300);
    }
}
