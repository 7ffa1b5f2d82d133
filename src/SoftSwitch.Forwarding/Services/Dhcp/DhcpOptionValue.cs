namespace SoftSwitch.Forwarding.Services.Dhcp;

/// <summary>An option as every client of a network gets it.</summary>
/// <param name="Code">As in RFC 2132.</param>
/// <param name="Value">As it stands in the message.</param>
public sealed record DhcpOptionValue(byte Code, ReadOnlyMemory<byte> Value);
