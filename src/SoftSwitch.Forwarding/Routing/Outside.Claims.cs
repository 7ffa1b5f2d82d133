using System.Buffers.Binary;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>Which packets to the outside address are the translator's, where somebody else has that address too.</summary>
public sealed partial class Outside
{
    /// <summary>
    /// A packet to an address that we share is ours, and not the host's: by its port, or that of the packet that it is an error about. Of
    /// a later fragment that isn't known.
    /// </summary>
    internal bool Translates(in Frame frame, in Ipv4Layout packet)
    {
        var transport = frame.HeadBytes[packet.TransportOffset..];
        if (transport.Length < UdpHeader.Size)
            return false;
        if (packet.Protocol != IpProtocol.Icmp)
        {
            var port = BinaryPrimitives.ReadUInt16BigEndian(transport[UdpHeader.DestinationPortOffset..]);
            return Translator.Claims(packet.Destination, packet.Protocol, port)
                || _waiting.Contains(packet.Destination, packet.Protocol, port, out _);
        }
        if (!IcmpHeader.IsError(transport[IcmpHeader.TypeOffset]) || transport.Length < IcmpHeader.InnerOffset + Ipv4Header.MinimumSize)
            return false;
        var inner = transport[IcmpHeader.InnerOffset..];
        var header = (inner[0] & 15) * 4;
        if (inner.Length < header + UdpHeader.Size)
            return false;
        var source = BinaryPrimitives.ReadUInt16BigEndian(inner[(header + UdpHeader.SourcePortOffset)..]);
        return Translator.Claims(packet.Destination, inner[Ipv4Header.ProtocolOffset], source);
    }

    /// <summary>A packet to a port that is forwarded to somebody whose address isn't known yet. Of a later fragment that isn't
    /// known.</summary>
    /// <param name="inVain">Everybody who could have it was asked.</param>
    internal bool Waits(in Frame frame, in Ipv4Layout packet, out bool inVain)
    {
        inVain = false;
        if (_waiting == WaitingForwards.None || packet.FragmentOffset != 0)
            return false;
        var transport = frame.HeadBytes[packet.TransportOffset..];
        if (transport.Length < UdpHeader.Size)
            return false;
        var port = BinaryPrimitives.ReadUInt16BigEndian(transport[UdpHeader.DestinationPortOffset..]);
        return _waiting.Contains(packet.Destination, packet.Protocol, port, out inVain);
    }
}
