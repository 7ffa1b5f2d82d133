namespace SoftSwitch.Model;

/// <summary>An option of DHCP that guests are told as the file says it.</summary>
/// <param name="Number">Its code (RFC 2132 and the registry of IANA).</param>
/// <param name="Text">Its value with its type, as it is written: <c>u16 1500</c>.</param>
/// <param name="Value">As it stands in a message.</param>
public sealed record OptionModel(int Number, string Text, ValueList<byte> Value);
