using System.Buffers.Binary;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>
/// ICMP errors that a station says (RFC 792; RFC 1812, 4.3): never about an ICMP error, a later fragment, or what went to more than one; with as much of the packet as fits
/// 576 bytes; at most <see cref="PerSecond"/> a second and <see cref="AtOnce"/> at once of each worker, because an error costs more than the packet that
/// provokes it.
/// </summary>
internal sealed class IcmpErrors(int workers)
{
    public const int PerSecond = 1_000;
    public const int AtOnce = 200;

    /// <summary>RFC 1812, 4.3.2.3.</summary>
    private const int MaximumLength = 576;

    private readonly (double Tokens, long At)[] _allowances = [.. Enumerable.Repeat(((double)AtOnce, 0L), workers)];

    public void Send(Turn turn, IpStation from, in Frame about, in Ipv4Layout packet, byte type, byte code, ushort mtu)
    {
        if (!MayReport(about, packet) || !Take(turn))
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

    private bool Take(Turn turn)
    {
        ref var allowance = ref _allowances[turn.Worker];
        var gained = (turn.Now.Milliseconds - allowance.At) * PerSecond / 1000.0;
        allowance = (double.Min(AtOnce, allowance.Tokens + double.Max(gained, 0)), turn.Now.Milliseconds);
        if (allowance.Tokens < 1)
            return false;
        allowance.Tokens--;
        return true;
    }
}
