namespace SoftSwitch.Config;

internal sealed record WrittenList(IReadOnlyList<WrittenValue> Items) : WrittenValue;
