using System.Globalization;
using SoftSwitch.Addressing;
using SoftSwitch.Config;
using SoftSwitch.Config.Checks;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Errors;
using SoftSwitch.Linux;
using SoftSwitch.Live.Layer;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Persistence;
using SoftSwitch.State;
using SoftSwitch.State.Changes;

namespace SoftSwitch.Live;

/// <summary>
/// The configuration of a switch while it runs: what its file said when it was read last, and over it what was said at run time. A reload
/// reads the file anew, a change at run time leaves it unread, so that nobody's half-written line runs by somebody else's command. Either
/// way the whole is compiled, completed with what it leaves to us, and applied by difference, all or nothing. One change at a time; a
/// second one waits. For any thread but the control loop's, which does the work.
/// </summary>
/// <param name="source">Where it is written.</param>
/// <param name="start">What it said at the start, and what had been said at run time before.</param>
/// <param name="memory">Where that is kept.</param>
/// <param name="running">What it becomes.</param>
/// <param name="log">Told what has changed, and what was refused.</param>
/// <param name="time">For what holds for a while only; left out: the machine's.</param>
/// <param name="next">What may go on in place of this program; left out: nothing.</param>
internal sealed partial class LiveConfig(
    ConfigSource source, LayeredStart start, RunTimeMemory memory, IChangeable running, ISwitchLog log, TimeProvider? time = null,
    INextProgram? next = null)
    : ISwitchChanges, IDisposable
{
    private readonly Lock _changing = new();
    private bool _hasEnded;
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private ConfigDocument _document = start.Document;
    private volatile RunTimeLayer _layer = start.Layer;

    /// <summary>What is about to be said at run time, while a change is made: what comes is shown as that from its first moment. Null: no
    /// change is made.</summary>
    private volatile RunTimeLayer? _coming;
    private volatile SeenLayer _seen = new(RunTimeLayer.Empty, null, RunTimeOrigins.None);

    /// <inheritdoc/>
    public SwitchModel Model => running.Model;

    /// <summary>What was said at run time; any thread.</summary>
    public RunTimeLayer Layer => _layer;

    /// <summary>Set whenever that is another.</summary>
    public AutoResetEvent LayerHasChanged { get; } = new(false);

    /// <summary>What there is of the switch, with what of it was said at run time.</summary>
    public SwitchSnapshot Seen(SwitchSnapshot snapshot)
    {
        var (seen, layer, coming) = (_seen, _layer, _coming);
        if (!ReferenceEquals(seen.Layer, layer) || !ReferenceEquals(seen.Coming, coming))
            _seen = seen = new(layer, coming, OriginsOf(layer, coming));
        return snapshot with { RunTime = seen.Origins };
    }

    /// <inheritdoc/>
    public ChangeOutcome Reload(ReloadChange change)
    {
        lock (_changing)
        {
            var document = change.Given is { } given ? ConfigDocument.Of(given.Name, given.Text) : source.Load();
            var layer = document.Root is { } root ? _layer.Beside(root) : _layer;
            var outcome = Become(document, layer, change);
            if (!outcome.Failed && layer.Hiding is { } hiding)
                outcome = outcome with { Notes = [.. outcome.Notes, hiding] };
            if (outcome.Kind == ChangeKind.Applied)
                _document = document;
            if (outcome.Kind == ChangeKind.Applied && change.Given is not null)
                outcome = outcome with { Notes = [.. outcome.Notes, $"the next start, and SIGHUP, read {source.Path} again"] };
            if (outcome.Kind is not (ChangeKind.Asked or ChangeKind.Stale))
                Tell(outcome, $"reloaded {document.Name}", "not reloaded");
            return outcome;
        }
    }

    /// <inheritdoc/>
    public ChangeOutcome Change(RunTimeChange change)
    {
        lock (_changing)
        {
            var now = _time.GetUtcNow();
            var edit = new LayerEdit(
                _document.Root!, _layer, running.Model, change.Ttl is { } ttl ? WholeSeconds(now + ttl) : null, change.IsForGood);
            foreach (var name in change.Names)
            {
                if (change.Verb == ChangeVerb.Add)
                    edit.Add(change.Noun, name, change.Keys!);
                else if (change.Verb == ChangeVerb.Set)
                    edit.Set(change.Noun, name, change.Keys!);
                else
                    edit.Remove(change.Noun, name);
            }
            if (edit.Missing.Count > 0)
                return new(ChangeKind.Missing, edit.Missing);
            if (edit.Obstacles.Count > 0)
                return new(ChangeKind.Refused, edit.Obstacles);
            var before = _layer;
            var outcome = Become(_document, edit.Layer, change);
            if (!outcome.Failed)
                outcome = outcome with { Lines = [.. outcome.Lines, .. Times(change, before, edit.Layer)] };
            if (outcome.Kind == ChangeKind.Applied)
                Tell(outcome, "changed at run time", "");
            return outcome;
        }
    }

    /// <summary>What runs ends: nothing is changed any more.</summary>
    public void Dispose()
    {
        lock (_changing)
            _hasEnded = true;
    }

    /// <summary>What goes is what it was until it has gone.</summary>
    private static RunTimeOrigins OriginsOf(RunTimeLayer layer, RunTimeLayer? coming) => new(() =>
        (coming is null ? layer.All : coming.All.Concat(layer.All.Where(one => coming.Of(one.Noun, one.Name) is null)))
            .Select(one => new RunTimeOrigin(
                one.Noun.Word(), one.Name, RunTimeKinds.Words[one.Item.Kind], RunTimeText.Keys(one.Item), one.Item.Expires)));

    /// <summary>People read it, and nobody needs more.</summary>
    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond));

    /// <summary>What is set for a while holds as a whole for that while: of a port that was made at run time, the port.</summary>
    private static IEnumerable<string> Times(RunTimeChange change, RunTimeLayer before, RunTimeLayer after) =>
        from name in change.Verb == ChangeVerb.Set && (change.Ttl is not null || change.IsForGood) ? change.Names : []
        let item = after.Of(change.Noun, name)
        let was = before.Of(change.Noun, name)?.Expires
        where item?.Expires != was
        let what = item?.Kind == RunTimeKind.Added ? "goes" : "is as in the file again"
        select $"~ {change.Noun.Word()} {name}: " + (item?.Expires is { } end
            ? string.Create(CultureInfo.InvariantCulture, $"{what} at {end.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}")
            : "stays, whatever the time is");

    private static IReadOnlyList<string> Lines(
        IReadOnlyList<ConfigMistake> mistakes, ConfigDocument document, RunTimeLayer layer, ChangeRequest change)
    {
        var inTheWay = new InTheWay(document, layer);
        return [.. mistakes.Select(mistake => inTheWay.Line(mistake, change as RunTimeChange))];
    }

    private ChangeOutcome Become(ConfigDocument document, RunTimeLayer layer, ChangeRequest change)
    {
        if (_hasEnded)
            return new(ChangeKind.Refused, ["the switch ends: ask again when it runs"]);
        if (change.IsStill?.Invoke(running.Model) == false)
            return new(ChangeKind.Stale, []);
        var config = document.Compile(HostAddresses.Read, (root, mistakes) => LayeredConfig.Over(root, layer, mistakes));
        if (!config.Ok)
            return new(ChangeKind.Mistakes, Lines(config.Mistakes, document, layer, change));
        if (!change.IsOwner && OwnersAlone.Obstacles(config.Model, running.Model) is { Count: > 0 } others)
            return new(ChangeKind.Refused, others);
        try
        {
            var model = Complete(config.Model, change.IsDry);
            if (change.IsDry)
            {
                var (difference, obstacles) = running.Compare(model);
                return obstacles.Count == 0 ? new(ChangeKind.Asked, [.. difference.Lines]) : new(ChangeKind.Refused, obstacles);
            }
            var isOther = !ReferenceEquals(layer, _layer);
            _coming = isOther ? layer : null;
            var lines = running.Apply(model).Lines;
            if (isOther)
            {
                (_layer, _coming) = (layer, null);
                memory.Write(layer);
                LayerHasChanged.Set();
            }
            return new(ChangeKind.Applied, [.. lines]) { Notes = layer.Count > 0 && memory.Obstacle is { } forgets ? [forgets] : [] };
        }
        catch (ChangeRefusedException e)
        {
            return new(ChangeKind.Refused, e.Obstacles);
        }
        catch (Exception e) when (e is StartRefusedException or SystemCallException)
        {
            return new(ChangeKind.Refused, [e.Message]);
        }
        finally
        {
            _coming = null;
        }
    }

    /// <summary>What the file leaves to us stays what it is, as long as it can.</summary>
    private SwitchModel Complete(SwitchModel model, bool isDry)
    {
        var now = running.Model;
        var folder = StateFolder.Of(model);
        var quiet = isDry ? SilentLog.Instance : log;
        model = NetworkAddresses.Complete(
            KeptAddresses.In(model, now), folder, () => HostRoutes.Beside(model, now), quiet, isStrict: true, remembers: !isDry);
        return PortAddresses.Complete(model, folder, quiet, isStrict: true, remembers: !isDry);
    }

    private void Tell(ChangeOutcome outcome, string done, string failed)
    {
        var (level, text) = outcome.Kind switch
        {
            ChangeKind.Applied when outcome.Lines.Count == 0 => (LogLevel.Info, $"{done}: nothing else runs by that"),
            ChangeKind.Applied => (LogLevel.Info, $"{done}: {Counted(outcome.Lines.Count, "change")}"),
            ChangeKind.Mistakes => (LogLevel.Error, $"{failed}, what ran before goes on: {Counted(outcome.Lines.Count, "mistake")}"),
            _ => (LogLevel.Error, $"{failed}, what ran before goes on"),
        };
        log.Write(level, text);
        foreach (var line in outcome.Lines)
            log.Write(level, line);
    }

    private static string Counted(int number, string noun) => $"{number} {noun}{(number == 1 ? "" : "s")}";

    private sealed record SeenLayer(RunTimeLayer Layer, RunTimeLayer? Coming, RunTimeOrigins Origins);
}
