namespace SoftSwitch.Forwarding.Ports;

/// <summary>A port can't go on: its interface or its other end is gone. The port is closed, counted, reported and retried; the rest goes
/// on.</summary>
public sealed class PortFailedException(string reason) : Exception(reason);
