namespace SoftSwitch.Live;

/// <summary>What was said at run time is to be written into the file.</summary>
/// <param name="GivesText">The whole file is asked for, as it would be; nothing is written then.</param>
internal sealed record SaveChange(bool GivesText = false) : ChangeRequest;
