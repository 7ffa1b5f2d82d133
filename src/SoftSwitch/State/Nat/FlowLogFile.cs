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
    private readonly Dictionary<int, (NatNetwork Network, FlowRecord File)> _records;
    private readonly FlowRecord[] _files;
    private readonly ISwitchLog _log;
    private readonly ConcurrentQueue<Napt> _ended = new();
    private readonly ManualResetEventSlim _ending = new();
    private readonly Thread _thread;

    /// <param name="networks">The networks; those without a file are not recorded.</param>
    /// <param name="logs">What their translators write.</param>
    /// <param name="log">Told of obstacles, and of their end.</param>
    public FlowLogFile(IReadOnlyList<NatNetwork> networks, FlowLogs logs, ISwitchLog log)
    {
        (_shares, _log) = (new(logs), log);
        var files = networks.Select(network => network.Nat.FlowLog).OfType<string>().Distinct()
            .ToDictionary(path => path, path => new FlowRecord(path, log));
        _records = networks.Where(network => network.Nat.FlowLog is not null)
            .ToDictionary(network => network.Policy, network => (network, files[network.Nat.FlowLog!]));
        _files = [.. files.Values];
        _thread = new(Run) { Name = "flow log", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Ends the flows that a translator still has. No worker uses it any more.</summary>
    public void End(Napt translator) => _ended.Enqueue(translator);

    /// <summary>Nothing comes any more: begins to write the rest.</summary>
    public void Finish() => _ending.Set();

    /// <summary>Returns when the rest is written, unless that takes too long.</summary>
    public void Dispose()
    {
        Finish();
        if (_thread.Join(s_patience))
            _ending.Dispose();
        else
            _log.Write(LogLevel.Warning, $"flow-log {string.Join(", ", _files.Select(file => file.Path))}: not written in time: "
                + "flows that ended last are missing there");
    }

    private void Run()
    {
        Bulkhead.Each(_files, file => file.Open(), Failed);
        bool ends;
        do
        {
            ends = _ending.Wait(TimeSpan.FromSeconds(1));
            Bulkhead.Run(() => Write(new(Environment.TickCount64), ends), e => _log.Failed(new("flow-log"), e));
            Bulkhead.Each(_files, file => file.Flush(), Failed);
        }
        while (!ends);
    }

    private void Write(Instant now, bool isLast)
    {
        var wall = DateTime.UtcNow;
        _shares.Take(isLast ? long.MaxValue : ProgramLimits.FlowLog.Most,
            entry => Line(entry, wall - TimeSpan.FromMilliseconds(now.Milliseconds - entry.When.Milliseconds)));
        foreach (var lost in _shares.TakeLost().Where(lost => _records.ContainsKey(lost.Owner.Policy))
            .GroupBy(lost => _records[lost.Owner.Policy].File))
            TellLost(lost.Key, [.. lost], wall);
        EndFlows(now, wall);
    }

    /// <summary>Says in the file, and in the log, whose lines are missing.</summary>
    private void TellLost(FlowRecord file, IReadOnlyList<(NaptOwner Owner, long Lines)> lost, DateTime wall)
    {
        var named = lost.Take(MostNamed).Select(one => (one.Lines, Name: NameOf(one.Owner)));
        if (lost.Skip(MostNamed).Sum(one => one.Lines) is var rest and > 0)
            named = named.Append((rest, $"{lost.Count - MostNamed} others"));
        var missing = string.Create(CultureInfo.InvariantCulture,
            $"{lost.Sum(one => one.Lines)} lines were not written, for there were more than {ProgramLimits.FlowLog.Most} in a second: ")
            + string.Join(", ", named.Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Lines} of {one.Name}")));
        file.Add(wall, missing);
        _log.News(file.Subject, LogLevel.Warning, missing);
    }

    private string NameOf(NaptOwner owner)
    {
        var network = _records[owner.Policy].Network;
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
    private void EndFlows(Instant now, DateTime wall)
    {
        var until = Environment.TickCount64 + (long)s_patience.TotalMilliseconds * 3 / 4;
        var without = 0L;
        while (_ended.TryDequeue(out var translator))
            without += EndFlows(translator, now, wall, until);
        if (without == 0)
            return;
        var cut = string.Create(CultureInfo.InvariantCulture, $"{without} more flows ended, for whose lines there was no time");
        foreach (var file in _files)
            file.Add(wall, cut);
        _log.News(new("flow-log"), LogLevel.Warning, cut);
    }

    /// <returns>Flows for whose lines there was no time.</returns>
    private long EndFlows(Napt translator, Instant now, DateTime wall, long until)
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
                Line(flow.Policy, new(now, false, default, flow.Protocol, flow.Inside, flow.InsidePort, flow.Outside,
                    flow.OutsidePort, flow.Remote, flow.RemotePort), wall);
            }
        }
        return without;
    }

    private void Line(in NaptLogEntry entry, DateTime when) => Line(entry.Owner.Policy, entry, when);

    private void Line(int policy, in NaptLogEntry entry, DateTime when)
    {
        if (!_records.TryGetValue(policy, out var record))
            return;
        var name = record.Network.Names?.Of(entry.Inside) ?? "-";
        var what = $"{record.Network.Model.Name} {(entry.Began ? "began" : "ended")} {FlowText.Protocol(entry.Protocol)}";
        record.File.Add(when, string.Create(CultureInfo.InvariantCulture,
            $"{what} {entry.Inside}:{entry.InsidePort} {entry.Outside}:{entry.OutsidePort} {entry.Remote}:{entry.RemotePort} {name}"));
    }
}
