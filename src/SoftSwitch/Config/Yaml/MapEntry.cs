namespace SoftSwitch.Config.Yaml;

internal sealed record MapEntry(Position At, string Key, ConfigNode Value);
