using SoftSwitch.Live.Layer;
using SoftSwitch.Logging;

namespace SoftSwitch.Live;

/// <content>
/// What was made for a while only, or for a process that has ended, goes by itself, and nothing else takes it back: until it has gone it
/// runs, so a reload, a change and a save find it. What can't go stays, such as a network that has got a port for good, and is in nobody's
/// way: the rest goes without it, and it is tried again.
/// </content>
internal sealed partial class LiveConfig
{
    /// <summary>How often the rest is tried at a time, when not all can go: each may take as long as a reload.</summary>
    private const int MostTries = 32;

    /// <summary>How often it is looked whether processes are there yet that something was made for.</summary>
    private static readonly TimeSpan s_processPatience = TimeSpan.FromSeconds(5);

    /// <summary>What can't go and why, as it was told last.</summary>
    private string _toldStaying = "";

    /// <summary>Takes back what has held long enough.</summary>
    /// <param name="patience">After which what can't go is tried again.</param>
    /// <returns>When that is to be done next; null: all that there is stays.</returns>
    public DateTimeOffset? Expire(TimeSpan patience)
    {
        lock (_changing)
        {
            var now = _time.GetUtcNow();
            if (_hasEnded)
                return null;
            List<string> staying = [];
            TakeBack(_layer.Over(now), "what was made for a while only has gone", staying);
            TakeBack(_layer.Ended, "the processes have ended that this was made for", staying);
            TellStaying(staying);
            var next = _layer.NextExpiry(now);
            if (_layer.HasProcesses && !_layer.Ended.Any() && !(next < now + s_processPatience))
                next = now + s_processPatience;
            return staying.Count > 0 && !(next < now + patience) ? now + patience : next;
        }
    }

    private void TakeBack(
        IEnumerable<(RunTimeNoun Noun, string Name, RunTimeItem Item)> over, string heading, List<string> staying)
    {
        // What is in a network comes before the network.
        (RunTimeNoun Noun, string Name)[] all =
            [.. over.Select(one => (one.Noun, one.Name)).OrderBy(one => one.Noun == RunTimeNoun.Network)];
        if (all.Length == 0)
            return;
        List<string> lines = [];
        var left = MostTries;
        TakeBack(all, ref left, lines, staying);
        if (lines.Count > 0)
            Tell(new(ChangeKind.Applied, lines), heading, "");
    }

    /// <summary>All of them, or where that is refused, one half and the other.</summary>
    /// <param name="over">What is to go.</param>
    /// <param name="left">How many more times it may be tried.</param>
    /// <param name="lines">Gets what has changed.</param>
    /// <param name="staying">Gets what is in the way.</param>
    private void TakeBack(ReadOnlySpan<(RunTimeNoun Noun, string Name)> over, ref int left, List<string> lines, List<string> staying)
    {
        if (left-- <= 0)
            return;
        var layer = _layer;
        foreach (var (noun, name) in over)
            layer = layer.With(noun, name, null);
        var outcome = Become(_document, layer, new());
        if (!outcome.Failed)
        {
            lines.AddRange(outcome.Lines);
        }
        else if (over.Length == 1)
        {
            var what = $"{over[0].Noun.Word()} {over[0].Name}";
            staying.AddRange(outcome.Lines.Select(line => $"{what} stays: {line}"));
        }
        else
        {
            TakeBack(over[..(over.Length / 2)], ref left, lines, staying);
            TakeBack(over[(over.Length / 2)..], ref left, lines, staying);
        }
    }

    /// <summary>Once, as long as it is the same.</summary>
    private void TellStaying(List<string> staying)
    {
        var told = string.Join('\n', staying);
        if (told != _toldStaying && staying.Count > 0)
        {
            log.Write(LogLevel.Error, "what was made for a while only, or for a process, can't all go yet");
            staying.ForEach(line => log.Write(LogLevel.Error, line));
        }
        _toldStaying = told;
    }
}
