using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Forwarding.Fuzzing;

/// <summary>A frame that went in, to hold against what comes out.</summary>
internal readonly record struct SentFrame(int Port, byte[] Bytes, VirtioNetHeader Offload)
{
    /// <summary>The frame as it may leave: at least 60 bytes.</summary>
    public byte[] Padded => Bytes.Length >= 60 ? Bytes : [.. Bytes, .. new byte[60 - Bytes.Length]];
}
