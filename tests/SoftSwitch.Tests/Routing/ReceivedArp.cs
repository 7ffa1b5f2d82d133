using SoftSwitch.Packets;
using SoftSwitch.Tests.Forwarding;

namespace SoftSwitch.Tests.Routing;

/// <summary>An ARP message as it came out of a port, and the Ethernet header around it.</summary>
internal sealed record ReceivedArp(ulong To, ulong From, ArpMessage Message)
{
    public static IEnumerable<ReceivedArp> Of(IEnumerable<ReceivedFrame> frames)
    {
        foreach (var frame in frames)
        {
            if (frame.Bytes[12] == 0x08 && frame.Bytes[13] == 0x06 && ArpMessage.TryRead(frame.Bytes.AsSpan(14), out var message))
                yield return new(MacAddress.Read(frame.Bytes).Value, MacAddress.Read(frame.Bytes.AsSpan(6)).Value, message);
        }
    }
}
