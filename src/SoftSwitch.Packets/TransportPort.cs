namespace SoftSwitch.Packets;

/// <summary>One TCP or UDP port; the protocol is the IP header's number.</summary>
public readonly record struct TransportPort(byte Protocol, int Port);
