using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Linux.Workers;

namespace SoftSwitch.Tests.Linux;

/// <summary>Ports are handed from worker to worker and from network to network while frames flow: nothing is lost, doubled or
/// overtaken.</summary>
public sealed class WorkerMoveTests : IDisposable
{
    private const int Moves = 300;

    private readonly Bridge _lan = new("lan", TimeSpan.FromSeconds(300), 100), _lab = new("lab", TimeSpan.FromSeconds(300), 100);
    private readonly RingPort _one = new("one", new(0x0200_0000_0001)), _other = new("other", new(0x0200_0000_0002));
    private readonly Worker[] _workers;
    private readonly List<string> _failed = [];

    public WorkerMoveTests() =>
        _workers = [.. Enumerable.Range(0, 3).Select(number => new Worker(new(number), (port, reason) =>
        {
            lock (_failed)
                _failed.Add($"{port.Name}: {reason}");
        }, e => _failed.Add(e.Message)))];

    [Fact]
    public void A_worker_that_is_held_leaves_what_comes_where_it_is_and_does_what_is_posted()
    {
        var members = Plug(_lan);
        _workers[0].Add(_one, members[0]);
        _workers[0].Add(_other, members[1]);
        var kick = _one.Open();
        var heard = new List<int>();
        var sent = 0;
        for (var round = 0; round < 20; round++)
        {
            for (var frame = 0; frame < 100; frame++)
                Send(++sent, kick);
            _workers[0].Hold();
            heard.AddRange(_other.Heard());
            // Whatever it had begun is sent, and nothing is begun.
            Send(++sent, kick);
            Thread.Sleep(5);
            Assert.Empty(_other.Heard());
            var isDone = false;
            _workers[0].PostAndWait(() => isDone = true);
            Assert.True(isDone);
            _workers[0].LetGo();
        }
        Assert.True(SpinWait.SpinUntil(() =>
        {
            heard.AddRange(_other.Heard());
            return heard.Count == sent;
        }, TimeSpan.FromSeconds(10)), $"{heard.Count} of {sent}");
        Assert.Equal(Enumerable.Range(1, sent), heard);
        Assert.Empty(_failed);
        _one.Close(kick);
    }

    [Fact]
    public void A_port_that_is_handed_from_worker_to_worker_loses_doubles_and_reorders_nothing()
    {
        var members = Plug(_lan);
        _workers[0].Add(_one, members[0]);
        _workers[0].Add(_other, members[1]);
        var kick = _one.Open();
        var heard = new List<int>();
        var sent = 0;
        for (var move = 0; move < Moves; move++)
        {
            for (var frame = move % 130; frame >= 0; frame--)
                Send(++sent, kick);
            _workers[move % 3].HandOver(_one, _workers[(move + 1) % 3]);
            heard.AddRange(_other.Heard());
        }
        Assert.True(SpinWait.SpinUntil(() =>
        {
            heard.AddRange(_other.Heard());
            return heard.Count >= sent;
        }, TimeSpan.FromSeconds(60)), $"{heard.Count} of {sent}");
        Assert.Equal(Enumerable.Range(1, sent), heard);
        Assert.Equal((sent, 0), (_one.Total().InFrames, _one.Total().InDropsTotal));
        Assert.Equal(sent, _other.Total().OutFrames);
        Assert.Equal([2, 0, 0], _workers.Select(worker => worker.PortCount));
        Assert.Empty(_failed);
        _one.Close(kick);
    }

    [Fact]
    public void What_comes_in_the_midst_of_a_move_to_another_network_is_lost_in_neither()
    {
        var witness = new RingPort("witness", new(0x0200_0000_0003));
        var members = Plug(_lan);
        var there = _lab.Attach(witness);
        _lab.SetUp(there, true);
        _workers[0].Add(_one, members[0]);
        _workers[1].Add(_other, members[1]);
        _workers[1].Add(witness, there);
        var kick = _one.Open();
        var (bridges, member, sent) = (new[] { _lan, _lab }, members[0], 0);
        for (var move = 1; move <= Moves; move++)
        {
            for (var frame = move % 70; frame >= 0; frame--)
                Send(++sent, kick);
            var next = bridges[move % 2].Attach(_one);
            bridges[move % 2].SetUp(next, true);
            _workers[0].Replug(_one, next);
            member.Bridge.Detach(member);
            member = next;
        }
        // Nobody there is known, so each network floods: what was heard in one is the rest of what was heard in the other.
        var (lan, lab) = (new List<int>(), new List<int>());
        Assert.True(SpinWait.SpinUntil(() =>
        {
            lan.AddRange(_other.Heard());
            lab.AddRange(witness.Heard());
            return lan.Count + lab.Count >= sent;
        }, TimeSpan.FromSeconds(60)), $"{lan.Count} and {lab.Count} of {sent}");
        Assert.Equal(Enumerable.Range(1, sent), lan.Concat(lab).Order());
        Assert.Equal(lan.Order(), lan);
        Assert.Equal(lab.Order(), lab);
        Assert.NotEmpty(lan);
        Assert.NotEmpty(lab);
        Assert.Equal((sent, 0), (_one.Total().InFrames, _one.Total().InDropsTotal));
        // What it was in the networks that it has left is forgotten there.
        Assert.Equal(0, bridges[(Moves + 1) % 2].Fdb.Lookup(_one.Mac.Value, new(Environment.TickCount64)));
        Assert.Empty(_failed);
        _one.Close(kick);
    }

    public void Dispose()
    {
        Array.ForEach(_workers, worker => worker.Dispose());
        _one.Dispose();
        _other.Dispose();
    }

    private Membership[] Plug(Bridge bridge)
    {
        Membership[] members = [bridge.Attach(_one), bridge.Attach(_other)];
        Array.ForEach(members, member =>
        {
            member.FloodLimit = 0;
            bridge.SetUp(member, true);
        });
        return members;
    }

    private void Send(int number, int kick)
    {
        _one.Put(_other.Mac, number);
        RingPort.Kick(kick);
    }
}
