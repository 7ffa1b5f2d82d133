using System.Buffers.Binary;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;

namespace SoftSwitch.Forwarding.Services.Dhcp;

/// <summary>What a client that is ours says to servers outside (RFC 2131, table 5).</summary>
/// <param name="Type">Discover, request or decline.</param>
/// <param name="Mac">The client's.</param>
/// <param name="Transaction">By which it knows the answer.</param>
/// <param name="Seconds">Since it began to ask.</param>
internal readonly record struct LeaseQuestion(DhcpMessageType Type, MacAddress Mac, uint Transaction, ushort Seconds)
{
    /// <summary>Bytes of a frame with one: the message is as short as one may be, and has room for every option here.</summary>
    public const int Size = UdpFrame.Headers + DhcpHeader.MinimumSize;

    /// <summary>Bytes of an IP packet that we take, headers included.</summary>
    private const ushort TakenSize = 1500;

    /// <summary>What it wants to know. The resolvers there aren't asked for: the host's are who knows names.</summary>
    private static ReadOnlySpan<byte> Wanted =>
        [DhcpOption.SubnetMask, DhcpOption.Router, DhcpOption.LeaseTime, DhcpOption.RenewalTime, DhcpOption.RebindingTime];

    /// <summary>The address that it has (ciaddr), and speaks with; none.</summary>
    public Ipv4Address Own { get; init; }

    /// <summary>The address that it asks for or declines; null: none.</summary>
    public Ipv4Address? Wish { get; init; }

    /// <summary>The server whose offer it takes, or whose address it declines; null: none.</summary>
    public Ipv4Address? Server { get; init; }

    /// <summary>Who alone gets it; null: everybody.</summary>
    public (MacAddress Mac, Ipv4Address Address)? To { get; init; }

    /// <summary>Writes the frame.</summary>
    /// <param name="frame">Of <see cref="Size"/>.</param>
    public void Write(Span<byte> frame)
    {
        var (mac, address) = To ?? (MacAddress.Broadcast, Ipv4Address.Broadcast);
        mac.Write(frame);
        Mac.Write(frame[MacAddress.Size..]);
        var payload = UdpFrame.WriteHeaders(
            frame, (Own, DhcpHeader.ClientPort), (address, DhcpHeader.ServerPort), DhcpHeader.MinimumSize);
        var writer = new DhcpWriter(payload, DhcpHeader.Request, mayOverload: false);
        var header = writer.Header;
        BinaryPrimitives.WriteUInt32BigEndian(header[DhcpHeader.TransactionOffset..], Transaction);
        BinaryPrimitives.WriteUInt16BigEndian(header[DhcpHeader.SecondsOffset..], Seconds);
        Own.Write(header[DhcpHeader.ClientAddressOffset..]);
        Mac.Write(header[DhcpHeader.HardwareAddressOffset..]);
        writer.TryAdd(DhcpOption.MessageType, (byte)Type);
        writer.TryAdd(DhcpOption.ClientIdentifier, new DhcpClient(Mac).Id);
        if (Wish is { } wish)
            writer.TryAdd(DhcpOption.RequestedAddress, wish);
        if (Server is { } server)
            writer.TryAdd(DhcpOption.ServerIdentifier, server);
        if (Type != DhcpMessageType.Decline)
        {
            writer.TryAdd(DhcpOption.MaximumMessageSize, TakenSize);
            writer.TryAdd(DhcpOption.ParameterRequestList, Wanted);
        }
        writer.Finish();
        UdpFrame.WriteChecksum(frame, DhcpHeader.MinimumSize);
    }
}
