namespace SoftSwitch.Config;

/// <summary>A file of a configuration, as it was read.</summary>
/// <param name="Name">What mistakes call it.</param>
/// <param name="Text">All of it.</param>
internal sealed record ConfigPart(string Name, string Text);
