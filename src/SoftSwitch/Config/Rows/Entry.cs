namespace SoftSwitch.Config.Rows;

/// <summary>A map of the file as it was read: what it says, and where.</summary>
internal sealed record Entry<T>(T Model, Places Places) where T : class;
