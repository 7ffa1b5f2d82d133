namespace SoftSwitch.Config.Writing;

/// <summary>A scalar; a number is a number in JSON, too.</summary>
internal sealed record WrittenText(string Text, bool IsNumber = false) : WrittenValue;
