using SoftSwitch.Text;

namespace SoftSwitch.Live.Layer;

/// <summary>The words of <see cref="RunTimeNoun"/>.</summary>
internal static class RunTimeNouns
{
    public static WordList<RunTimeNoun> Words { get; } = new(
        (RunTimeNoun.Network, "network"), (RunTimeNoun.Port, "port"), (RunTimeNoun.Forward, "forward"));

    public static string Word(this RunTimeNoun noun) => Words[noun];
}
