namespace SoftSwitch.Config.Writing;

/// <summary>A value as it is written: <see cref="WrittenText"/>, <see cref="WrittenList"/> or <see cref="WrittenMap"/>.</summary>
internal abstract record WrittenValue;
