using System.Text;
using SoftSwitch.Linux.Files;
using SoftSwitch.Live.Layer;
using SoftSwitch.Live.Saving;
using SoftSwitch.Logging;
using SoftSwitch.Persistence;

namespace SoftSwitch.Live;

internal sealed partial class LiveConfig
{
    /// <inheritdoc/>
    public ChangeOutcome Save(SaveChange change)
    {
        lock (_changing)
        {
            if (_hasEnded)
                return new(ChangeKind.Refused, ["the switch ends: ask again when it runs"]);
            if (change.IsStill?.Invoke(running.Model) == false)
                return new(ChangeKind.Stale, []);
            var now = source.Load();
            if (now.Root is null && now.Compile(null) is { Ok: false } unread)
                return new(ChangeKind.Refused, [.. unread.Mistakes.Select(mistake => mistake.ToString())]);
            // The start has read it by the name that the user gave, which may be a relative one.
            if (!_document.Parts.Select(part => part with { Name = Path.GetFullPath(part.Name) }).SequenceEqual(now.Parts))
                return new(ChangeKind.Refused, [$"{source.Path} isn't what runs, it has changed since: "
                    + "reload it first: softswitch reload"]);
            var layer = _layer;
            if (SavedConfig.Of(now, layer, out var obstacles) is not { } saved)
                return new(ChangeKind.Refused, obstacles);
            if (change.GivesText && now.Parts is not [_])
                return new(ChangeKind.Refused, [$"{source.Path} has several files: leave FILE out, or: softswitch show config > FILE"]);
            if (change.IsDry || change.GivesText)
                return new(ChangeKind.Asked, saved.Lines)
                    { Notes = saved.Notes, Text = change.GivesText ? saved.Document.Parts[0].Text : null };
            if (!change.IsOwner)
                return new(ChangeKind.Refused, [$"only root, or the user that the switch runs as, may have it write {source.Path}: "
                    + "softswitch config save - prints what it would be"]);
            return Written(saved, layer);
        }
    }

    private ChangeOutcome Written(SavedConfig saved, RunTimeLayer before)
    {
        foreach (var part in saved.Parts)
        {
            try
            {
                ReplacedFile.Write(part.Name, Encoding.UTF8.GetBytes(part.Text));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return new(ChangeKind.Refused, [$"{part.Name} can't be written by the switch: {StateFile.Obstacle(e)}: write it with "
                    + $"your own rights, softswitch config save {part.Name}, and reload: softswitch reload"]);
            }
        }
        _document = saved.Document;
        if (saved.Left.Count < before.Count)
        {
            memory.Write(saved.Left);
            _layer = saved.Left;
            LayerHasChanged.Set();
        }
        foreach (var part in saved.Parts)
            log.Write(LogLevel.Info, $"what was made at run time is written into {part.Name}");
        return new(ChangeKind.Applied, saved.Lines) { Notes = saved.Notes };
    }
}
