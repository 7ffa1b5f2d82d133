using SoftSwitch.Text;

namespace SoftSwitch.Live.Layer;

/// <summary>The words of <see cref="RunTimeKind"/>.</summary>
internal static class RunTimeKinds
{
    public static WordList<RunTimeKind> Words { get; } = new(
        (RunTimeKind.Added, "added"), (RunTimeKind.Replaced, "replaced"), (RunTimeKind.Changed, "changed"),
        (RunTimeKind.Removed, "removed"));
}
