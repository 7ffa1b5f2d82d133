using SoftSwitch.Config.Yaml;
using SoftSwitch.Live.Layer;

namespace SoftSwitch.Live;

/// <summary>Networks, ports or forwards that are to be made, changed or removed at run time.</summary>
/// <param name="Verb">What is to become of them.</param>
/// <param name="Noun">What they are.</param>
/// <param name="Names">Their names.</param>
/// <param name="Keys">Their keys, or those that are to be set; null where they are to be removed.</param>
internal sealed record RunTimeChange(ChangeVerb Verb, RunTimeNoun Noun, IReadOnlyList<string> Names, MapNode? Keys = null) : ChangeRequest
{
    /// <summary>How long it holds; null: until it is undone.</summary>
    public TimeSpan? Ttl { get; init; }

    /// <summary>What held for a while only holds until it is undone.</summary>
    public bool IsForGood { get; init; }
}
