namespace SoftSwitch.Config.Writing;

/// <summary>A scalar; what is a number in JSON too is one there.</summary>
internal sealed record WrittenText(string Text, bool IsNumber = false) : WrittenValue;
