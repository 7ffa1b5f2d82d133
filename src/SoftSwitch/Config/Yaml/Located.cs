namespace SoftSwitch.Config.Yaml;

/// <summary>A value and where the user wrote it.</summary>
public sealed record Located<T>(T Value, Position At);
