namespace SoftSwitch.Config.Writing;

/// <summary>A key of the language with its value as it is written; null: a default, left out.</summary>
internal readonly record struct WrittenKey(string Key, WrittenValue? Value);
