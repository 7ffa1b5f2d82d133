namespace SoftSwitch.Config;

internal sealed record MapEntry(Position At, string Key, ConfigNode Value);
