namespace SoftSwitch.State;

/// <summary>A port could not be opened at start, so nothing was started. The message is one line with the port, what is wrong, and the cure.</summary>
internal sealed class PortRefusedException(string port, Exception inner) : Exception($"port {port}: {inner.Message}", inner);
