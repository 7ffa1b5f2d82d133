using System.Buffers.Binary;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Stations;

/// <summary>
/// ICMP errors that a station says (RFC 792; RFC 1812, 4.3): never about an ICMP error, a later fragment, or what went to more than one;
/// with as much of the packet as fits 576 bytes. An error costs more than the packet that provokes it, so there is an allowance for each
/// port that packets come in by, whatever source addresses they have. Of protocols that nobody here knows it is a small one of its own: a
/// tunnel that can't work brings them at any rate, and path MTU discovery would fail without the other.
/// </summary>
internal sealed class IcmpErrors
{
    /// <summary>RFC 1812, 4.3.2.3.</summary>
    private const int MaximumLength = 576;

    private readonly PortAllowances _errors = new(Limits.Errors);
    private readonly PortAllowances _unknownProtocols = new(Limits.ProtocolErrors);

    /// <param name="from">Who says it.</param>
    /// <param name="head">The frame that it is about, as it came: its headers and some of what follows.</param>
    /// <param name="sender">Who sent that, on the link of <paramref name="from"/>.</param>
    /// <param name="input">The port that it came in by.</param>
    /// <param name="packet">The packet in <paramref name="head"/>.</param>
    /// <param name="refusal">What is said about it.</param>
    public void Send(Turn turn, Station from, ReadOnlySpan<byte> head, ulong sender, Port input, in Ipv4Layout packet, Refusal refusal)
    {
        if (!MayReport(head, packet))
            return;
        var allowances = refusal is { Type: IcmpType.DestinationUnreachable, Code: IcmpUnreachable.Protocol } ? _unknownProtocols : _errors;
        if (!allowances.Take(input, turn.Now))
            return;
        var most = int.Min(MaximumLength, from.SmallestMtu) - Ipv4Header.MinimumSize - IcmpHeader.Size;
        var quoted = int.Min(packet.TotalLength, int.Min(head.Length - packet.NetworkOffset, most));
        if (!turn.TryMake(EthernetHeader.Size + LengthFor(quoted), out var made, out var index))
        {
            from.CountUnsaid(turn.Worker, DropReason.QueueFull);
            return;
        }
        var bytes = made[index].HeadBytes;
        new MacAddress(sender).Write(bytes);
        from.Mac.Write(bytes[MacAddress.Size..]);
        EthernetHeader.SetType(bytes, EtherType.Ipv4);
        Write(bytes[EthernetHeader.Size..], head.Slice(packet.NetworkOffset, quoted), from.Address, packet.Source, refusal);
        turn.Send(made, index, from);
    }

    /// <summary>How long the packet is that says an error about so many bytes.</summary>
    public static int LengthFor(int quoted) => Ipv4Header.MinimumSize + IcmpHeader.Size + quoted;

    /// <summary>Writes the packet that says an error.</summary>
    /// <param name="ip">Where it begins.</param>
    /// <param name="quoted">What it is about, from the IP header on.</param>
    /// <param name="from">Who says it.</param>
    /// <param name="to">Who is told.</param>
    /// <param name="refusal">What is said.</param>
    public static void Write(Span<byte> ip, ReadOnlySpan<byte> quoted, Ipv4Address from, Ipv4Address to, Refusal refusal)
    {
        var icmp = ip.Slice(Ipv4Header.MinimumSize, IcmpHeader.Size + quoted.Length);
        quoted.CopyTo(icmp[IcmpHeader.Size..]);
        icmp[IcmpHeader.TypeOffset] = refusal.Type;
        icmp[IcmpHeader.CodeOffset] = refusal.Code;
        BinaryPrimitives.WriteUInt16BigEndian(icmp[IcmpHeader.NextHopMtuOffset..], refusal.Mtu);
        BinaryPrimitives.WriteUInt16BigEndian(icmp[IcmpHeader.ChecksumOffset..], InternetChecksum.Of(icmp));
        // An identification of its own is not needed by what is never fragmented (RFC 6864, 4.1).
        Ipv4Header.Write(ip, LengthFor(quoted.Length), 0, Ipv4Header.DefaultTtl, IpProtocol.Icmp, from, to);
    }

    /// <summary>RFC 1812, 4.3.2.7.</summary>
    private static bool MayReport(ReadOnlySpan<byte> head, in Ipv4Layout packet)
    {
        if (packet.FragmentOffset != 0 || !packet.Source.IsUnicast || !packet.Destination.IsUnicast)
            return false;
        if (packet.Protocol != IpProtocol.Icmp)
            return true;
        var icmp = head[packet.TransportOffset..];
        return icmp.Length > 0 && packet.PayloadLength > 0 && !IcmpHeader.IsError(icmp[IcmpHeader.TypeOffset]);
    }
}
