using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Time;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.Forwarding;

public sealed class ConcurrencyTests
{
    private const int FramesEach = 40_000;
    private static readonly Instant Now = new(1000);

    [Fact]
    public void Two_workers_keep_the_order_of_every_pair_and_deliver_nothing_twice()
    {
        var bridge = new Bridge("lan", TimeSpan.FromSeconds(300), 2000);
        var ports = Enumerable.Range(0, 3).Select(i => new MemoryPort($"port{i}", workers: 2, queueLength: 4 * FramesEach)).ToArray();
        var members = ports.Select(port => bridge.Attach(port)).ToArray();
        foreach (var member in members)
            bridge.SetUp(member, true);
        // Each worker's port has stations of its own, the roaming one speaks at both, and both write to the third port, known and unknown.
        for (var i = 0; i < FramesEach; i++)
        {
            for (var port = 0; port < 2; port++)
            {
                var source = i % 10 == 0 ? Mac(99) : Mac((uint)(1000 * (port + 1) + i % 300));
                var destination = (i % 4) switch { 0 => Broadcast, 1 => Mac(99), 2 => Mac(3000),
                    _ => Mac((uint)(1000 * (2 - port) + i % 300)) };
                Assert.True(ports[port].Send(Frame(destination, source, i)));
            }
        }

        var failures = new Exception?[2];
        var threads = new[] { 0,
            1 }.Select(worker => new Thread(() => failures[worker] = Record.Exception(() => Carry(worker, members[worker])))).ToList();
        threads.ForEach(thread => thread.Start());
        foreach (var thread in threads)
            Assert.True(thread.Join(TimeSpan.FromMinutes(2)), "a worker hangs");
        Assert.All(failures, Assert.Null);

        foreach (var (index, port) in ports.Index())
        {
            var last = new Dictionary<string, int>();
            var seen = new HashSet<(byte, int)>();
            while (port.TryTake(out var frame))
            {
                var number = BitConverter.ToInt32(frame.Bytes[14..]);
                if (number % 10 != 0) // The roaming station speaks at two ports at once: it has no order to keep.
                {
                    var pair = Convert.ToHexString(frame.Bytes[..12]);
                    Assert.True(!last.TryGetValue(pair, out var before) || before < number,
                        $"{pair}: {number} after {before} at port {index}");
                    last[pair] = number;
                    Assert.True(seen.Add((frame.Bytes[10], number)), "delivered twice");
                }
                MemoryPort.Return(frame);
            }
            Assert.NotEmpty(last);
        }
        Consistent(bridge.Fdb, 601);
        // Two at once are one too many.
        Assert.True(members.Sum(member => member.Port.Total().InDrops(DropReason.SourceElsewhere)) > 0);

        var total = new PortCounters();
        foreach (var port in ports)
            total.Add(port.Total());
        Assert.Equal(2 * FramesEach, total.InFrames);
        Assert.Equal(total.InFrames + total.Copies, total.OutFrames + total.InDropsTotal + total.OutDropsTotal);
        foreach (var port in ports)
            port.Dispose();
    }

    [Fact]
    public void Stations_that_are_learnt_moved_flushed_and_swept_at_once_leave_a_consistent_table()
    {
        using var rig = new Rig(ports: 4, stations: 300);
        var fdb = rig.Bridge().Fdb;
        var stop = 0;
        var failures = new Exception?[4];
        var threads = Enumerable.Range(0, 4).Select(worker => new Thread(() => failures[worker] = Record.Exception(() =>
        {
            var random = new Random(worker);
            for (uint i = 0; worker < 3 ? i < 300_000 : Volatile.Read(ref stop) == 0; i++)
            {
                var now = Now + TimeSpan.FromSeconds(i / 500);
                if (worker == 3)
                {
                    fdb.Sweep(now, 8);
                    if (i % 64 == 0)
                        fdb.Flush(4);
                    fdb.CopyTo([], now);
                    continue;
                }
                var station = (uint)random.Next(1, 900);
                fdb.Learn(Mac(station), (ushort)(station % 50 == 0 ? (uint)worker + 1 : 1 + station % 4), now);
                var slot = (int)fdb.Lookup(Mac((uint)random.Next(1, 900)), now);
                Assert.InRange(slot, 0, 4);
                // A station that doesn't roam is never seen at another port than its own.
                var fixedStation = (uint)random.Next(1, 17) * 50 + 1;
                Assert.Contains(fdb.Lookup(Mac(fixedStation), now), new[] { (ushort)0, (ushort)(1 + fixedStation % 4) });
            }
        }))).ToList();
        threads.ForEach(thread => thread.Start());
        foreach (var thread in threads[..3])
            Assert.True(thread.Join(TimeSpan.FromMinutes(2)), "a worker hangs");
        Volatile.Write(ref stop, 1);
        Assert.True(threads[3].Join(TimeSpan.FromMinutes(2)), "the sweeper hangs");
        Assert.All(failures, Assert.Null);
        Consistent(fdb, 300);
        for (ushort slot = 1; slot <= 4; slot++)
            fdb.Flush(slot);
        Consistent(fdb, 0);
        Assert.Equal(0, fdb.Count);
    }

    private static void Carry(int worker, Membership input)
    {
        using var passage = new Passage(worker);
        for (input.Port.Receive(passage.Burst); passage.Burst.Count > 0; input.Port.Receive(passage.Burst))
        {
            passage.Begin(input, Now);
            passage.Continue(int.MaxValue);
            passage.Burst.Clear();
        }
    }

    /// <summary>Each station is in the table once, and the table counts what is in it.</summary>
    private static void Consistent(Fdb fdb, int atMost)
    {
        var entries = new List<FdbEntry>();
        fdb.CopyTo(entries, new(0)); // At the beginning of time nobody is too old.
        Assert.Equal(fdb.Count, entries.Count);
        Assert.Equal(entries.Count, entries.DistinctBy(entry => entry.Mac).Count());
        Assert.True(entries.Count <= atMost);
    }
}
