using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// With many flows, finding one costs two cache misses, one after the other. Whoever has a burst hides them behind each other: the first
/// step for all its frames, the second for all, and then the frames one by one. Nothing depends on it but speed: what a hint is made from
/// is read anew, and verified, when the frame is translated.
/// </summary>
public sealed partial class Napt
{
    /// <summary>Both steps, for all of a burst that is to be translated.</summary>
    /// <param name="policy">The number of the network that they come from; null: from outside.</param>
    [SkipLocalsInit]
    public void Prefetch(Burst burst, FrameSet frames, int? policy)
    {
        Span<ulong> hints = stackalloc ulong[Burst.Capacity];
        var count = 0;
        foreach (var index in frames)
        {
            ref var frame = ref burst[index];
            hints[count++] = policy is { } network ? PrefetchOutbound(frame, network) : PrefetchInbound(frame);
        }
        foreach (var hint in hints[..count])
            Prefetch(hint);
    }

    /// <summary>The first step, for a frame from inside.</summary>
    /// <param name="policy">The number of the network that it came from.</param>
    /// <returns>A hint for <see cref="Prefetch(Burst, FrameSet, int?)"/>.</returns>
    public ulong PrefetchOutbound(in Frame frame, int policy)
    {
        if (!TryGlance(frame, out var protocol, out var source, out var destination, out var sourcePort, out var destinationPort))
            return 0;
        var remotePort = protocol == NatProtocol.Icmp ? (ushort)0 : destinationPort;
        return _flows.PrefetchOutbound(Flow.PackAddresses(source, destination),
            Flow.PackPorts(sourcePort, 0, remotePort, policy, protocol));
    }

    /// <summary>The first step, for a frame from outside.</summary>
    /// <returns>A hint for <see cref="Prefetch(Burst, FrameSet, int?)"/>.</returns>
    public ulong PrefetchInbound(in Frame frame)
    {
        if (!TryGlance(frame, out var protocol, out var source, out var destination, out var sourcePort, out var destinationPort)
            || AliasOf(destination) is not (>= 0 and var alias))
            return 0;
        var remotePort = protocol == NatProtocol.Icmp ? (ushort)0 : sourcePort;
        return _flows.PrefetchInbound(source.Value, Flow.PackPorts(0, destinationPort, remotePort, 0, protocol, alias));
    }

    /// <summary>The second step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(ulong hint)
    {
        if (hint != 0)
            _flows.Prefetch(hint);
    }

    private static bool TryGlance(
        in Frame frame, out int protocol, out Ipv4Address source, out Ipv4Address destination, out ushort sourcePort,
        out ushort destinationPort)
    {
        (protocol, source, destination, sourcePort, destinationPort) = (-1, default, default, 0, 0);
        var packet = frame.HeadBytes;
        if (packet.Length < frame.PacketOffset + Ipv4Header.MinimumSize)
            return false;
        packet = packet[frame.PacketOffset..];
        var header = (packet[0] & 15) * 4;
        protocol = NatProtocol.Of(packet[Ipv4Header.ProtocolOffset]);
        if (protocol < 0 || packet.Length < header + UdpHeader.Size)
            return false;
        source = Ipv4Address.Read(packet[Ipv4Header.SourceOffset..]);
        destination = Ipv4Address.Read(packet[Ipv4Header.DestinationOffset..]);
        var transport = packet[header..];
        sourcePort = BinaryPrimitives.ReadUInt16BigEndian(transport[(protocol == NatProtocol.Icmp ? IcmpHeader.IdentifierOffset : 0)..]);
        destinationPort = protocol == NatProtocol.Icmp ? sourcePort : BinaryPrimitives.ReadUInt16BigEndian(transport[2..]);
        return true;
    }
}
