namespace SoftSwitch.Linux.Netlink;

/// <summary>Takes one message of an answer: its type and what follows its header.</summary>
internal delegate void MessageHandler(ushort type, ReadOnlySpan<byte> payload);
