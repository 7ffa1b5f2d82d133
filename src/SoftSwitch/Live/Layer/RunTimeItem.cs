using SoftSwitch.Config.Yaml;

namespace SoftSwitch.Live.Layer;

/// <summary>A network, a port or a forward that isn't as the file has it.</summary>
/// <param name="Kind">What was done to it.</param>
/// <param name="Keys">All of its keys where it was made; of one that was changed those that were set, an empty one where the file's is to
/// be left out; none where it was removed.</param>
/// <param name="Expires">When it is as in the file again; null: never.</param>
/// <param name="Process">Which process a pid in its keys meant (<see cref="ProcessMark"/>); null: there is none.</param>
internal sealed record RunTimeItem(RunTimeKind Kind, MapNode Keys, DateTimeOffset? Expires = null, string? Process = null)
{
    /// <summary>The file's, if there is one, isn't seen.</summary>
    public bool HidesFile => Kind is RunTimeKind.Replaced or RunTimeKind.Removed;

    /// <summary>It stands there by its own keys alone.</summary>
    public bool IsWhole => Kind is RunTimeKind.Added or RunTimeKind.Replaced;

    /// <summary>It was made for a process, and that has ended.</summary>
    public bool HasLostProcess => Process is not null && !Keys.Entries.Any(entry =>
        entry.Value is TextNode text && ProcessMark.PidIn(text.Text) is { } pid && ProcessMark.Of(pid) == Process);

    public static RunTimeItem Removed(DateTimeOffset? expires = null) => new(RunTimeKind.Removed, new(default, []), expires);
}
