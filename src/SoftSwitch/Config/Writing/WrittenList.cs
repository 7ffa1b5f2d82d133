namespace SoftSwitch.Config.Writing;

internal sealed record WrittenList(IReadOnlyList<WrittenValue> Items) : WrittenValue;
