using SoftSwitch.Api;
using SoftSwitch.Api.Lists;
using SoftSwitch.Bounds;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Services.Dns;
using SoftSwitch.Forwarding.Stations.Neighbors;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints.HostNeighbor;
using SoftSwitch.Logging;
using SoftSwitch.Packets;
using SoftSwitch.State.Nat;
using SoftSwitch.Tests.Docs;
using static SoftSwitch.Tests.Routing.GatewayRig;

namespace SoftSwitch.Tests.Budgets;

/// <summary>
/// Of whatever many have together, many greedy ones take all that they can get, and then one comes who wants a single place: he gets it,
/// and has it as long as they go on.
/// </summary>
public sealed unsafe class GreedyTests : IDisposable
{
    /// <summary>More than have each as much as one may.</summary>
    private const int Greedy = 40;

    private static readonly Instant s_now = new(1_000_000);

    private readonly MemoryPort[] _ports = [.. Enumerable.Range(0, Greedy + 1).Select(i => new MemoryPort($"port{i}"))];
    private readonly Burst _burst = new();
    private readonly Dictionary<Limit, Func<GreedyTests, bool>> _tables = new()
    {
        [Limits.Stations] = test => test.HasStation(),
        [Limits.Neighbors] = test => test.HasNeighbor(),
        [Limits.Held] = test => test.HasHeldPacket(),
        [Limits.CrossingPackets] = _ => HasPacket(Limits.CrossingPackets),
        [Limits.UnprovenPackets] = _ => HasPacket(Limits.UnprovenPackets),
        [Limits.CompletePackets] = _ => HasPacket(Limits.CompletePackets),
        [Limits.Fragments] = test => test.HasHeldFragment(),
        [Limits.Routes] = test => test.HasRoute(),
        [Limits.DnsAnswers] = test => test.HasAnswer(),
        [Limits.DnsAsked] = test => test.HasUpstreamPlace(),
        [Limits.FlowLogEntries] = _ => HasFlowLogEntry(),
        [ProgramLimits.FlowLog] = _ => HasFlowLogLine(),
        [MachineLimits.HostFrames] = test => test.HasHostFrame(),
        [MachineLimits.HostStations] = test => test.HasHostStation(),
        [ProgramLimits.Clients] = _ => HasUserPlace(ProgramLimits.Clients, ProgramLimits.ClientsOfUser),
        [ProgramLimits.Answers] = _ => HasUserPlace(ProgramLimits.Answers, ProgramLimits.AnswersOfUser),
        [ProgramLimits.EventReaders] = _ => HasUserPlace(ProgramLimits.EventReaders, ProgramLimits.EventReadersOfUser),
        [ProgramLimits.Changes] = _ => HasChange(),
        [ProgramLimits.Log] = _ => HasLine(),
    };

    public static TheoryData<string> Rows =>
        [.. LimitTable.All.Where(limit => limit.Of is Holder.Network or Holder.Switch or Holder.Users)
            .Append(ProgramLimits.Log).Select(NameOf)];

    private MemoryPort Modest => _ports[Greedy];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Who_wants_little_has_it_however_many_take_all_that_they_can_get(string row) =>
        Assert.True(_tables.Single(table => NameOf(table.Key) == row).Value(this));

    public void Dispose()
    {
        _burst.Dispose();
        foreach (var port in _ports)
            port.Dispose();
    }

    private static string NameOf(Limit limit) => $"{limit.What} ({limit.Of})";

    private bool HasStation()
    {
        var fdb = new Fdb(TimeSpan.FromSeconds(300));
        fdb.Reserve(Greedy + 1);
        Fill(0);
        fdb.Learn(0x0600_0000_0001, Greedy + 1, s_now);
        Fill(1);
        return fdb.Lookup(0x0600_0000_0001, s_now) == Greedy + 1;

        void Fill(ulong round)
        {
            for (ulong mac = 0; mac < Limits.StationCapacity; mac++)
                fdb.Learn(0x0200_0000_0000 | round << 32 | mac, (ushort)(1 + mac % Greedy), s_now);
        }
    }

    private bool HasNeighbor()
    {
        var table = new Ipv4NeighborTable(Subnet("192.0.2.0/24"), areGuests: false);
        var router = Ipv4Address.Parse("192.0.2.254");
        Fill(0);
        table.Learn(router, new(0x0600_0000_0001), Modest, s_now, create: true);
        Fill(1 << 20);
        return table.Resolve(router, Modest, s_now, out _) == Resolution.Send;

        void Fill(uint first)
        {
            for (uint i = 0; i < 20_000; i++)
            {
                table.Resolve(new(0x0A00_0000 + first + i), _ports[i % Greedy], s_now, out _);
                table.Learn(new(0x0A00_0000 + first + i), new(0x0200_0000_0000UL | i), _ports[i % Greedy], s_now, create: true);
            }
        }
    }

    private bool HasHeldPacket()
    {
        var held = new HeldFrames();
        var bridge = new Bridge("lab", TimeSpan.FromSeconds(300));
        Membership[] members = [.. _ports.Select(port => bridge.Attach(port))];
        var router = Ipv4Address.Parse("192.0.2.254");
        ref var frame = ref Frame(Burst.HeadCapacity);
        Fill(ref frame);
        var isKept = held.Keep(router, frame, members[Greedy], null, s_now, out _);
        Fill(ref frame);
        return isKept && held.Waits(router, _ports[Greedy]);

        void Fill(ref Frame frame)
        {
            for (uint i = 0; i < 2 * Limits.Held.Most / Burst.HeadCapacity; i++)
                held.Keep(new(0x0A00_0000 + i / Greedy / 100), frame, members[i % Greedy], null, s_now, out _);
        }
    }

    private static bool HasPacket(Limit limit)
    {
        var shares = new FragmentShares(limit.Most);
        Fill(0);
        var own = Add(Greedy + 1, 0);
        Fill(1);
        return own.Sender is not null;

        void Fill(int round)
        {
            for (var i = 0; i < 2 * limit.Most; i++)
                Add((ushort)(1 + i % Greedy), (ushort)(i + (round << 12)));
        }

        FragmentedPacket Add(ushort owner, ushort identification)
        {
            var packet = new FragmentedPacket();
            packet.Begin(new(default, default, 0, owner, 17, identification), 0);
            shares.Add(packet);
            while (shares.IsOver)
                shares.Remove(shares.Surplus);
            return packet;
        }
    }

    private bool HasRoute()
    {
        var (routes, end, server) = (new RouteCache(), s_now + TimeSpan.FromSeconds(60), Ipv4Address.Parse("192.0.2.254"));
        Fill(0);
        routes.Add(server, NoWay.NoRoute, [], Modest, end, routes.Generation);
        Fill(1 << 20);
        return routes.Contains(server, s_now);

        void Fill(uint first)
        {
            for (uint i = 0; i < 4 * Limits.RouteCapacity; i++)
                routes.Add(new(0x0A00_0000 + first + i), NoWay.NoRoute, [], _ports[i % Greedy], end, routes.Generation);
        }
    }

    private bool HasAnswer()
    {
        var (cache, own) = (new DnsCache(), new DnsKey([1]));
        Fill(0);
        cache.Add(own, Answer(), Modest);
        Fill(1);
        return cache.Find(own.Bytes, s_now) is not null;

        void Fill(byte round)
        {
            for (var i = 0; i < Limits.DnsAnswers.Most / 256; i++)
                cache.Add(new([0, round, (byte)(i >> 16), (byte)(i >> 8), (byte)i]), Answer(), _ports[i % Greedy]);
        }

        static DnsAnswer Answer() => new(new byte[100], 3600, s_now);
    }

    private bool HasUpstreamPlace()
    {
        var places = new UpstreamPlaces();
        for (var i = 0; i < Limits.DnsAsked.Most * 4; i++)
            places.TryTake(_ports[i % Greedy]);
        return places.TryTake(Modest);
    }

    private bool HasHeldFragment()
    {
        var table = new FragmentTable();
        ref var frame = ref Frame(Burst.HeadCapacity);
        Fill(ref frame, 0);
        Hold(ref frame, Greedy + 1, 0);
        Fill(ref frame, 1);
        return table.Get(Key(Greedy + 1, 0)) is { Held.Count: 1 };

        void Fill(ref Frame frame, int round)
        {
            for (var i = 0; i < 2 * Limits.FragmentBlocks; i++)
                Hold(ref frame, (ushort)(1 + i % Greedy), (ushort)(i / 8 + (round << 12)));
        }

        void Hold(ref Frame frame, ushort owner, ushort identification) =>
            table.Hold(table.Find(Key(owner, identification), new(8, 8, true, identification), s_now), ref frame, default);

        static FragmentKey Key(ushort owner, ushort identification) => new(default, default, 0, owner, 17, identification);
    }

    private static bool HasFlowLogEntry()
    {
        var (log, lost) = (new NaptFlowLog(), new Dictionary<NaptOwner, long>());
        WriteFlows(log);
        log.TakeLost(lost);
        return !lost.ContainsKey(Modestly) && lost.Count == Greedy;
    }

    private static bool HasFlowLogLine()
    {
        // Ways out of one outside, each with a log.
        var (logs, lines) = (new FlowLogs(), new List<NaptOwner>());
        var shares = new FlowLogShares(logs);
        WriteFlows(logs.Take());
        WriteFlows(logs.Take());
        shares.Take(ProgramLimits.FlowLog.Most, entry => lines.Add(entry.Owner));
        return lines.Count(Modestly.Equals) == 2 && lines.Count is > 9_900 and <= 10_000
            && !shares.TakeLost().Any(lost => lost.Owner == Modestly);
    }

    private static NaptOwner Modestly => NaptOwner.Of(0, Greedy + 1, 0);

    private static void WriteFlows(NaptFlowLog log)
    {
        var own = new NaptLogShare[Greedy + 1];
        Fill();
        Write(Greedy);
        Fill();

        void Fill()
        {
            for (var i = 0; i < 2 * Limits.FlowLogEntries.Most; i++)
                Write(i % Greedy);
        }

        void Write(int port) => log.Write(new(s_now, true, NaptOwner.Of(0, (ushort)(1 + port), 0), IpProtocol.Udp,
            default, 0, default, 0, default, 0), ref own[port]);
    }

    private bool HasHostFrame()
    {
        var lost = new Dictionary<Port, int>();
        var frames = new HostFrames(frame => lost[frame.Input!] = lost.GetValueOrDefault(frame.Input!) + 1);
        Fill();
        var own = frames.Add(1, Modest, 60);
        Fill();
        // What was kept has its place, and what was given up is counted where it came in.
        return own is not null && frames.All.Contains(own) && lost.Count > 0 && !lost.ContainsKey(Modest);

        void Fill()
        {
            for (var i = 0; i < 2 * MachineLimits.HostFrames.Most / Burst.HeadCapacity; i++)
                frames.Add(2, _ports[i % Greedy], Burst.HeadCapacity)?.Frame.Append(new byte[60]);
        }
    }

    private bool HasHostStation()
    {
        var stations = new HostStations();
        for (ulong mac = 0; mac < 2 * (ulong)MachineLimits.HostStations.Most; mac++)
            Add(mac, _ports[mac % Greedy]);
        return Add(ulong.MaxValue, Modest) && stations.Count <= MachineLimits.HostStations.Most;

        bool Add(ulong mac, Port port)
        {
            var hasRoom = stations.HasRoom(port, (0, 0), 1_000);
            if (hasRoom)
                stations.Add(mac, port);
            return hasRoom;
        }
    }

    private static bool HasUserPlace(Limit all, Limit ofUser)
    {
        var places = new UserPlaces(all.Most, ofUser.Most);
        var users = int.Min(Greedy, all.Most - 1);
        Fill(0);
        var hasToGo = false;
        var own = places.Take(5_000, () => hasToGo = true, 1_000);
        Fill(2_000);
        return own is not null && !hasToGo;

        void Fill(long now)
        {
            for (uint i = 0; i < 4 * all.Most; i++)
            {
                UserPlace? place = null;
                place = places.Take(1 + i % (uint)users, () => place?.Dispose(), now + i);
            }
        }
    }

    private static bool HasChange()
    {
        var queue = new ChangeQueue();
        var users = int.Min(Greedy, ProgramLimits.Changes.Most - 1);
        for (uint i = 0; i < 4 * ProgramLimits.Changes.Most; i++)
            _ = Enters(1 + i % (uint)users);
        return Enters(5_000);

        bool Enters(uint user)
        {
            try
            {
                _ = queue.Enter(user);
                return true;
            }
            catch (ProblemException)
            {
                return false;
            }
        }
    }

    private static bool HasLine()
    {
        var queue = new LogQueue(ProgramLimits.Log.Most);
        Fill();
        queue.Add(Line("modest"));
        Fill();
        while (queue.Take(out _) is { } line)
        {
            if (line.Subject!.Name == "modest")
                return true;
        }
        return false;

        void Fill()
        {
            for (var i = 0; i < 2 * ProgramLimits.Log.Most; i++)
                queue.Add(Line($"port {i % Greedy}"));
        }

        static LogLine Line(string subject) => new(default, LogLevel.Warning, new(subject), "something");
    }

    private ref Frame Frame(int length)
    {
        _burst.Clear();
        ref var frame = ref _burst.Add(length, null);
        frame.Offload = default;
        return ref frame;
    }
}
