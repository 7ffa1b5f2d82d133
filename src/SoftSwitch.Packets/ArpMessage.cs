using System.Buffers.Binary;

namespace SoftSwitch.Packets;

/// <summary>An ARP message for IPv4 over Ethernet (RFC 826): who says what, and to whom.</summary>
public readonly record struct ArpMessage(ushort Operation, MacAddress SenderMac, Ipv4Address SenderAddress, MacAddress TargetMac,
    Ipv4Address TargetAddress)
{
    /// <summary>Bytes of a message.</summary>
    public const int Size = 28;

    /// <summary>Where the operation stands, and behind it the sender's MAC address.</summary>
    public const int OperationOffset = 6, SenderMacOffset = 8;

    /// <summary>The operations: who has the target address? And: the sender has the sender's address.</summary>
    public const ushort Request = 1, Reply = 2;

    /// <summary>In RARP: which address belongs to the target's MAC address? (RFC 903).</summary>
    public const ushort ReverseRequest = 3;

    /// <summary>Hardware type 1, IPv4, and their lengths.</summary>
    private const ulong EthernetIpv4 = 0x0001_0800_0604;

    /// <summary>The same with hardware type 6: receivers take one for the other (RFC 1042; net/ipv4/arp.c).</summary>
    private const ulong Ieee802Ipv4 = 0x0006_0800_0604;

    /// <summary>Reads a message; false when it is cut short or about anything but IPv4 over Ethernet.</summary>
    public static bool TryRead(ReadOnlySpan<byte> packet, out ArpMessage message)
    {
        message = default;
        if (packet.Length < Size || BinaryPrimitives.ReadUInt64BigEndian(packet) >> 16 is not (EthernetIpv4 or Ieee802Ipv4))
            return false;
        message = new(
            BinaryPrimitives.ReadUInt16BigEndian(packet[OperationOffset..]),
            MacAddress.Read(packet[SenderMacOffset..]), Ipv4Address.Read(packet[14..]),
            MacAddress.Read(packet[18..]), Ipv4Address.Read(packet[24..]));
        return true;
    }

    /// <summary>Writes the message to the start of <paramref name="packet"/>.</summary>
    public void Write(Span<byte> packet)
    {
        BinaryPrimitives.WriteUInt64BigEndian(packet, EthernetIpv4 << 16 | Operation);
        SenderMac.Write(packet[SenderMacOffset..]);
        SenderAddress.Write(packet[14..]);
        TargetMac.Write(packet[18..]);
        TargetAddress.Write(packet[24..]);
    }
}
