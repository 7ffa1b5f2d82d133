namespace SoftSwitch.Config.Yaml;

/// <summary>A scalar, quoted or not; an empty one stands at its key.</summary>
internal sealed record TextNode(Position At, string Text) : ConfigNode(At);
