namespace SoftSwitch.Config.Yaml;

/// <summary>A piece of the file before any key gave it a type: <see cref="TextNode"/>, <see cref="ListNode"/>, <see cref="MapNode"/> or
/// <see cref="RefusedNode"/>.</summary>
internal abstract record ConfigNode(Position At)
{
    /// <summary>Where all of it stands, without comments beside and behind it; meaningless for what no file has.</summary>
    public Span Span { get; init; }
}
