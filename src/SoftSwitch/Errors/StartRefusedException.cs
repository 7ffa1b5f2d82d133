namespace SoftSwitch.Errors;

/// <summary>An obstacle of the machine at start, so nothing was started. The message is one line: what it is about, what is wrong, the
/// cure.</summary>
internal sealed class StartRefusedException(string message) : Exception(message);
