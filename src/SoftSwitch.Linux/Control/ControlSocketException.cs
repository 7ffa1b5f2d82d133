namespace SoftSwitch.Linux.Control;

/// <summary>The machine does not let us have the control socket; the message is one line with the cure.</summary>
public sealed class ControlSocketException(string message) : IOException(message);
