using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>A frame that came out of a port.</summary>
internal readonly record struct ReceivedFrame(byte[] Bytes, VirtioNetHeader Offload);
