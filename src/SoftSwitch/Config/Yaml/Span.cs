namespace SoftSwitch.Config.Yaml;

/// <summary>A piece of a text, in UTF-16 code units; the end isn't in it. Without a byte order mark, which isn't counted.</summary>
internal readonly record struct Span(int Start, int End);
