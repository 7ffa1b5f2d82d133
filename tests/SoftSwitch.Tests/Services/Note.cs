namespace SoftSwitch.Tests.Services;

/// <summary>A request as a service saw it.</summary>
internal sealed record Note(string Input, ulong Sender, bool IsForAll, string From, ushort FromPort, string To, byte[] Payload);
