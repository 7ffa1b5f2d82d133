using System.Buffers.Binary;
using System.Security.Cryptography;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>
/// ICMP errors that a station says (RFC 792; RFC 1812, 4.3): never about an ICMP error, a later fragment, or what went to more than one; with as much of the packet as fits
/// 576 bytes. An error costs more than the packet that provokes it, so there is an allowance for all, and one for each sender, so that who provokes many doesn't take
/// those of others: path MTU discovery would fail without.
/// </summary>
internal sealed class IcmpErrors
{
    private const int Senders = 64;

    private readonly Allowance _all = new(atOnce: 500, perSecond: 2_000);
    private readonly Allowance[] _ofSender = [.. Enumerable.Range(0, Senders).Select(_ => new Allowance(atOnce: 50, perSecond: 100))];
    private readonly ulong _multiplier = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) | 1;

    /// <summary>RFC 1812, 4.3.2.3.</summary>
    private const int MaximumLength = 576;

    public void Send(Turn turn, IpStation from, in Frame about, in Ipv4Layout packet, byte type, byte code, ushort mtu)
    {
        if (!MayReport(about, packet) || !_ofSender[about.Source * _multiplier >> 58].Take(turn.Now) || !_all.Take(turn.Now))
            return;
        var quoted = int.Min(packet.TotalLength, int.Min(about.HeadLength - packet.NetworkOffset, MaximumLength - Ipv4Header.MinimumSize - IcmpHeader.Size));
        var length = Ipv4Header.MinimumSize + IcmpHeader.Size + quoted;
        if (!turn.TryMake(EthernetHeader.Size + length, out var index))
        {
            from.CountUnsaid(turn.Worker, DropReason.QueueFull);
            return;
        }
        var bytes = turn.Made[index].HeadBytes;
        new MacAddress(about.Source).Write(bytes);
        from.Mac.Write(bytes[MacAddress.Size..]);
        EthernetHeader.SetType(bytes, EtherType.Ipv4);
        var ip = bytes[EthernetHeader.Size..];
        var icmp = ip.Slice(Ipv4Header.MinimumSize, IcmpHeader.Size + quoted);
        about.HeadBytes.Slice(packet.NetworkOffset, quoted).CopyTo(icmp[IcmpHeader.Size..]);
        icmp[IcmpHeader.TypeOffset] = type;
        icmp[IcmpHeader.CodeOffset] = code;
        BinaryPrimitives.WriteUInt16BigEndian(icmp[IcmpHeader.NextHopMtuOffset..], mtu);
        BinaryPrimitives.WriteUInt16BigEndian(icmp[IcmpHeader.ChecksumOffset..], InternetChecksum.Of(icmp));
        // An identification of its own is not needed by what is never fragmented (RFC 6864, 4.1).
        Ipv4Header.Write(ip, length, 0, Ipv4Header.DefaultTtl, IpProtocol.Icmp, from.Address, packet.Source);
        turn.Send(turn.Made, index, from);
    }

    /// <summary>RFC 1812, 4.3.2.7.</summary>
    private static bool MayReport(in Frame about, in Ipv4Layout packet)
    {
        if (packet.FragmentOffset != 0 || !packet.Source.IsUnicast || !packet.Destination.IsUnicast)
            return false;
        if (packet.Protocol != IpProtocol.Icmp)
            return true;
        var icmp = about.HeadBytes[packet.TransportOffset..];
        return icmp.Length > 0 && !IcmpHeader.IsError(icmp[IcmpHeader.TypeOffset]);
    }
}
