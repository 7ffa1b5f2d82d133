using System.Buffers.Binary;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Relays;

/// <summary>Who speaks to a forwarded UDP port: its address and port, and the address of the host that it speaks to; as the wire has them.
/// And the forwarded port.</summary>
internal readonly record struct UdpClientId(uint Address, ushort Port, uint Local, int LocalPort)
{
    /// <summary>The address of the host.</summary>
    internal Ipv4Address To => new(BinaryPrimitives.ReverseEndianness(Local));

    /// <summary>The same conversation, seen from the other end.</summary>
    internal UdpClientId Reversed =>
        new(Local, BinaryPrimitives.ReverseEndianness((ushort)LocalPort), Address, BinaryPrimitives.ReverseEndianness(Port));
}
