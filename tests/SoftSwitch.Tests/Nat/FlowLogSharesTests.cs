using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;
using SoftSwitch.State.Nat;

namespace SoftSwitch.Tests.Nat;

/// <summary>Lines of the flow log, where more flows begin and end than may be written.</summary>
public sealed class FlowLogSharesTests
{
    private readonly NaptLogShare[] _shares = new NaptLogShare[8];
    private readonly NaptFlowLog _log;
    private readonly FlowLogShares _taken;
    private readonly List<NaptLogEntry> _lines = [];
    private ushort _next;

    public FlowLogSharesTests()
    {
        var logs = new FlowLogs();
        (_log, _taken) = (logs.Take(), new(logs));
    }

    [Theory]
    [InlineData(100, 50, 7, 0, 50, 7, 0)]
    [InlineData(100, 500, 7, 0, 93, 7, 0)]
    [InlineData(100, 500, 7, 500, 46, 7, 46)]
    [InlineData(100, 40, 30, 30, 40, 30, 30)]
    [InlineData(100, 34, 33, 34, 33, 33, 33)]
    [InlineData(2, 5, 5, 5, 0, 0, 0)]
    public void Each_has_what_he_wants_and_who_wants_more_than_his_part_has_that(
        int room, int first, int second, int third, int firstHas, int secondHas, int thirdHas)
    {
        int[] want = [first, second, third], have = [firstHas, secondHas, thirdHas];
        for (var i = 0; i < want.Max(); i++)
        {
            for (var owner = 0; owner < want.Length; owner++)
            {
                if (i < want[owner])
                    Write(owner);
            }
        }
        _taken.Take(room, _lines.Add);
        var lost = _taken.TakeLost();
        Assert.Equal(have, Enumerable.Range(0, 3).Select(owner => _lines.Count(line => line.Owner == Owner(owner))));
        Assert.Equal(want, Enumerable.Range(0, 3).Select(owner => have[owner] + LostBy(owner)));
        Assert.Empty(_taken.TakeLost());

        int LostBy(int owner) => (int)lost.SingleOrDefault(one => one.Owner == Owner(owner)).Lines;
    }

    [Fact]
    public void What_is_given_up_is_the_oldest_and_the_order_stays()
    {
        for (var i = 0; i < 10; i++)
            Write(0);
        _taken.Take(4, _lines.Add);
        Assert.Equal([7, 8, 9, 10], _lines.Select(line => (int)line.InsidePort));
    }

    [Fact]
    public void What_a_log_had_no_place_for_is_lost_to_its_owner()
    {
        for (var i = 0; i < 65_536; i++)
            Write(1);
        Write(2);
        _taken.Take(long.MaxValue, _lines.Add);
        Assert.Equal((Owner(1), 32_768), Assert.Single(_taken.TakeLost()));
        Assert.Equal(32_768 + 1, _lines.Count);
    }

    private static NaptOwner Owner(int owner) => NaptOwner.Of(3, (ushort)(owner + 1), 0);

    private void Write(int owner) => _log.Write(
        new(new Instant(1), true, Owner(owner), IpProtocol.Udp, default, ++_next, default, 0, default, 0), ref _shares[owner]);
}
