using System.Buffers.Binary;
using System.Collections.Frozen;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Ports;

/// <summary>
/// Which addresses of its network were heard behind a port, the latest few: for a port that is known by its name and wanted by its
/// address. What is written down came in by that
/// port, so nobody behind another can put in a word. One whose number of addresses is larger pushes out its own.
/// <para>
/// Written by the worker that receives from the port, read by the control loop; no lock. An entry's times are cleared before its
/// address changes, so a reader
/// who sees the same address before and after has times of that address.
/// </para>
/// </summary>
/// <param name="subnet">The network's. What isn't a station's address in it is not heard.</param>
/// <param name="gateway">The gateway's address, which isn't a guest's.</param>
/// <param name="served">UDP ports from which a guest behind the port answers.</param>
public sealed class HeardAddresses(Ipv4Subnet subnet, Ipv4Address gateway, FrozenSet<ushort> served)
{
    public const int Capacity = 8;

    private readonly Entry[] _entries = new Entry[Capacity];
    private int _last;

    /// <summary>A packet came from the port that isn't an answer, as far as its first bytes tell: who is only asked hasn't
    /// spoken.</summary>
    /// <param name="source">Its source.</param>
    /// <param name="protocol">Its protocol.</param>
    /// <param name="transport">What follows its IP header; none of a later fragment.</param>
    /// <param name="now">The time.</param>
    public void HearPacket(Ipv4Address source, byte protocol, ReadOnlySpan<byte> transport, Instant now)
    {
        if (!IsUnasked(protocol, transport))
            return;
        ref var entry = ref _entries[_last];
        if (entry.Address == source.Value && entry.Spoke == now.Milliseconds)
            return;
        Hear(source, now, isUnasked: true, isClaim: false);
    }

    /// <summary>An ARP message came from the port, and its sender is who he says.</summary>
    public void HearArp(in ArpMessage message, Instant now)
    {
        var isUnasked = message.Operation == ArpMessage.Request || message.TargetAddress == message.SenderAddress;
        Hear(message.SenderAddress, now, isUnasked, isClaim: true);
    }

    /// <summary>Adds what was heard to a list.</summary>
    public void CopyTo(ICollection<HeardAddress> heard)
    {
        foreach (ref var entry in _entries.AsSpan())
        {
            var address = Volatile.Read(ref entry.Address);
            var (spoke, claimed) = (Volatile.Read(ref entry.Spoke), Volatile.Read(ref entry.Claimed));
            Volatile.ReadBarrier();
            if (address != 0 && Volatile.Read(ref entry.Address) == address)
                heard.Add(new(new(address), new(spoke), new(claimed)));
        }
    }

    private bool IsUnasked(byte protocol, ReadOnlySpan<byte> transport) => transport.Length >= UdpHeader.Size && protocol switch
    {
        // A SYN without an ACK.
        IpProtocol.Tcp => transport.Length > TcpHeader.FlagsOffset
            && ((TcpFlags)transport[TcpHeader.FlagsOffset] & (TcpFlags.Syn | TcpFlags.Ack | TcpFlags.Rst)) == TcpFlags.Syn,
        IpProtocol.Udp => !served.Contains(BinaryPrimitives.ReadUInt16BigEndian(transport)),
        IpProtocol.Icmp => transport[IcmpHeader.TypeOffset] == IcmpType.Echo,
        _ => true,
    };

    private void Hear(Ipv4Address address, Instant now, bool isUnasked, bool isClaim)
    {
        if (!subnet.Contains(address) || address == gateway || address == subnet.Address || address == subnet.Broadcast)
            return;
        ref var entry = ref _entries[_last = PlaceOf(address)];
        if (entry.Address != address.Value)
        {
            Volatile.Write(ref entry.Spoke, 0);
            Volatile.Write(ref entry.Claimed, 0);
            Volatile.Write(ref entry.Address, address.Value);
        }
        if (isUnasked)
            Volatile.Write(ref entry.Spoke, now.Milliseconds);
        if (isClaim)
            Volatile.Write(ref entry.Claimed, now.Milliseconds);
    }

    /// <summary>Where the address is, or that of the one that was longest silent.</summary>
    private int PlaceOf(Ipv4Address address)
    {
        var oldest = 0;
        for (var i = 0; i < Capacity; i++)
        {
            if (_entries[i].Address == address.Value)
                return i;
            if (Latest(_entries[i]) < Latest(_entries[oldest]))
                oldest = i;
        }
        return oldest;
    }

    private static long Latest(in Entry entry) => long.Max(entry.Spoke, entry.Claimed);

    private struct Entry
    {
        public uint Address;
        public long Spoke;
        public long Claimed;
    }
}
