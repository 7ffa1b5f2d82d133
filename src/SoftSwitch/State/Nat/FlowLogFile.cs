using System.Collections.Concurrent;
using System.Globalization;
using SoftSwitch.Bounds;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux;
using SoftSwitch.Logging;

namespace SoftSwitch.State.Nat;

/// <summary>
/// The record of who was behind which outside port and when (RFC 6888, REQ-12), a line for each flow that began or ended, appended to a
/// file once a second:
/// <code>2026-11-24T11:30:00.125Z dev began tcp 10.10.0.5:40000 192.0.2.10:17003 198.51.100.7:443 web</code>
/// The last word is what the guest's address is called when the line is written, or a hyphen.
/// At most <see cref="ProgramLimits.FlowLog"/>, shared by whose flows they are (<see cref="FlowLogShares"/>); what comes faster is counted
/// for its owner and the count written, and so is what a full disk refuses.
/// The file is made at the start, so that an obstacle is told then. Flows that are open when their translator ends, at the latest with the
/// switch, end with it, in bounded time. It has a thread of its own, so that a disk or a reader that hangs holds up nothing else, and
/// opens the file for each second's lines, so that whoever rotates it may.
/// </summary>
internal sealed class FlowLogFile : IDisposable
{
    private const int SlotsAtOnce = 4096;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>Of whom it is said by name that lines are missing.</summary>
    private const int MostNamed = 5;

    private readonly FlowLogShares _shares;
    private volatile FlowRecords _records;
    private readonly ISwitchLog _log;
    private readonly ConcurrentQueue<Napt> _ended = new();
    private readonly ManualResetEventSlim _ending = new();
    private readonly Lock _recording = new();
    private readonly Thread _thread;

    /// <param name="networks">The networks; those without a file are not recorded.</param>
    /// <param name="logs">What their translators write.</param>
    /// <param name="log">Told of obstacles, and of their end.</param>
    public FlowLogFile(IReadOnlyList<NatNetwork> networks, FlowLogs logs, ISwitchLog log)
    {
        (_shares, _log) = (new(logs), log);
        _records = new(networks, null, log);
        _thread = new(Run) { Name = "flow log", IsBackground = true };
        _thread.Start();
    }

    /// <summary>These networks' flows are recorded from now on, each in its file. For the control loop.</summary>
    public void Follow(IReadOnlyList<NatNetwork> networks) => _records = new(networks, _records, _log);

    /// <summary>Ends the flows that a translator still has. No worker uses it any more.</summary>
    public void End(Napt translator) => _ended.Enqueue(translator);

    /// <summary>Writes all that has come so far, unless that takes too long: another program goes on, and has none of it.</summary>
    public void Keep()
    {
        if (!new StandbyThread("flow log").Do(() => Record(isLast: true)).Wait(s_patience))
            TellLate();
    }

    /// <summary>Nothing comes any more: begins to write the rest.</summary>
    public void Finish() => _ending.Set();

    /// <summary>Returns when the rest is written, unless that takes too long.</summary>
    public void Dispose()
    {
        Finish();
        if (_thread.Join(s_patience))
            _ending.Dispose();
        else
            TellLate();
    }

    private void TellLate() => _log.Write(LogLevel.Warning,
        $"flow-log {string.Join(", ", _records.Files.Select(file => file.Path))}: not written in time: flows that ended last are missing "
        + "there");

    private void Run()
    {
        bool ends;
        do
        {
            lock (_recording)
                Bulkhead.Each(_records.Files, file => file.Open(), Failed);
            ends = _ending.Wait(TimeSpan.FromSeconds(1));
            Record(ends);
        }
        while (!ends);
    }

    /// <summary>Writes what there is, by one thread at a time.</summary>
    private bool Record(bool isLast)
    {
        lock (_recording)
        {
            // What comes in place of these meanwhile knows them.
            var records = _records;
            Bulkhead.Run(() => Write(records, new(Environment.TickCount64), isLast), e => _log.Failed(new("flow-log"), e));
            Bulkhead.Each(records.Files, file => file.Flush(), Failed);
            records.Settle();
        }
        return true;
    }

    private void Write(FlowRecords records, Instant now, bool isLast)
    {
        var wall = DateTime.UtcNow;
        _shares.Take(isLast ? long.MaxValue : ProgramLimits.FlowLog.Most,
            entry => Line(records, entry, wall - TimeSpan.FromMilliseconds(now.Milliseconds - entry.When.Milliseconds)));
        foreach (var lost in _shares.TakeLost().Where(lost => records.Of(lost.Owner.Policy) is not null)
            .GroupBy(lost => records.Of(lost.Owner.Policy)!.Value.File))
            TellLost(records, lost.Key, [.. lost], wall);
        EndFlows(records, now, wall);
    }

    /// <summary>Says in the file, and in the log, whose lines are missing.</summary>
    private void TellLost(FlowRecords records, FlowRecord file, IReadOnlyList<(NaptOwner Owner, long Lines)> lost, DateTime wall)
    {
        var named = lost.Take(MostNamed).Select(one => (one.Lines, Name: NameOf(records, one.Owner)));
        if (lost.Skip(MostNamed).Sum(one => one.Lines) is var rest and > 0)
            named = named.Append((rest, $"{lost.Count - MostNamed} others"));
        var missing = string.Create(CultureInfo.InvariantCulture,
            $"{lost.Sum(one => one.Lines)} lines were not written, for there were more than {ProgramLimits.FlowLog.Most} in a second: ")
            + string.Join(", ", named.Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Lines} of {one.Name}")));
        file.Add(wall, missing);
        _log.News(file.Subject, LogLevel.Warning, missing);
    }

    private static string NameOf(FlowRecords records, NaptOwner owner)
    {
        var network = records.Of(owner.Policy)!.Value.Network;
        if (owner.Port != 0)
        {
            return network.Gateway.Membership?.Bridge.View[owner.Port] is { } member
                ? $"port {member.Port.Name}"
                : $"a port of {network.Model.Name} that is down";
        }
        return owner.Address == default
            ? $"answers in {network.Model.Name} to forgotten outsiders"
            : $"outsiders that forwards lead to {owner.Address} in {network.Model.Name}";
    }

    private void Failed(FlowRecord file, Exception e) => _log.Failed(new($"flow-log {file.Path}"), e);

    /// <summary>One deadline for all translators, so that there is time to say what was cut off before the switch waits no
    /// longer.</summary>
    private void EndFlows(FlowRecords records, Instant now, DateTime wall)
    {
        var until = Environment.TickCount64 + (long)s_patience.TotalMilliseconds * 3 / 4;
        var without = 0L;
        while (_ended.TryDequeue(out var translator))
            without += EndFlows(records, translator, now, wall, until);
        if (without == 0)
            return;
        var cut = string.Create(CultureInfo.InvariantCulture, $"{without} more flows ended, for whose lines there was no time");
        foreach (var file in records.Files)
            file.Add(wall, cut);
        _log.News(new("flow-log"), LogLevel.Warning, cut);
    }

    /// <returns>Flows for whose lines there was no time.</returns>
    private static long EndFlows(FlowRecords records, Napt translator, Instant now, DateTime wall, long until)
    {
        var some = new List<NaptFlow>();
        var without = 0L;
        for (var first = 0; first < translator.SlotCount; first += SlotsAtOnce)
        {
            some.Clear();
            translator.CopyTo(some, first, SlotsAtOnce, now);
            if (Environment.TickCount64 > until)
            {
                without += some.Count;
                continue;
            }
            foreach (var flow in some)
            {
                Line(records, flow.Policy, new(now, false, default, flow.Protocol, flow.Inside, flow.InsidePort, flow.Outside,
                    flow.OutsidePort, flow.Remote, flow.RemotePort), wall);
            }
        }
        return without;
    }

    private static void Line(FlowRecords records, in NaptLogEntry entry, DateTime when) => Line(records, entry.Owner.Policy, entry, when);

    private static void Line(FlowRecords records, int policy, in NaptLogEntry entry, DateTime when)
    {
        if (records.Of(policy) is not { } record)
            return;
        var name = record.Network.Names?.Of(entry.Inside) ?? "-";
        var what = $"{record.Network.Model.Name} {(entry.Began ? "began" : "ended")} {FlowText.Protocol(entry.Protocol)}";
        record.File.Add(when, string.Create(CultureInfo.InvariantCulture,
            $"{what} {entry.Inside}:{entry.InsidePort} {entry.Outside}:{entry.OutsidePort} {entry.Remote}:{entry.RemotePort} {name}"));
    }
}
