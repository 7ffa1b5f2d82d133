using System.Buffers.Binary;
using System.Collections.Frozen;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Ports;

/// <summary>
/// The latest few addresses that were heard behind a port: forwards name a port, and need its guest's address. Only what came in by that
/// port is written down, so nobody behind another port can put in a word. A guest with more addresses than there is room for pushes out its
/// own.
/// <para>
/// Written by the worker that receives from the port, read by the control loop; no lock (<see cref="HeardEntry"/>).
/// </para>
/// </summary>
/// <param name="subnet">The network's. What isn't a station's address in it is not heard.</param>
/// <param name="gateway">The gateway's address, which isn't a guest's.</param>
/// <param name="served">UDP ports from which a guest behind the port answers.</param>
public sealed class HeardAddresses(Ipv4Subnet subnet, Ipv4Address gateway, FrozenSet<ushort> served)
{
    private readonly HeardEntry[] _entries = new HeardEntry[Limits.HeardAddresses.Most];
    private int _last;

    /// <summary>Notes who sent a packet that came in by the port, unless it is an answer, as far as its first bytes tell: a guest that only
    /// answers hasn't spoken.</summary>
    /// <param name="source">Its source.</param>
    /// <param name="protocol">Its protocol.</param>
    /// <param name="transport">What follows its IP header; none of a later fragment.</param>
    /// <param name="now">The time.</param>
    public void HearPacket(Ipv4Address source, byte protocol, ReadOnlySpan<byte> transport, Instant now)
    {
        if (IsUnasked(protocol, transport) && !_entries[_last].HasSpoken(source, now))
            Hear(source, now, isUnasked: true, isClaim: false);
    }

    /// <summary>Notes who sent an ARP message that came in by the port, and was believed.</summary>
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
            if (entry.TryRead(out var one))
                heard.Add(one);
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
            entry.Take(address);
        if (isUnasked)
            entry.Speak(now);
        if (isClaim)
            entry.Claim(now);
    }

    /// <summary>The place of the address, or of the one that was silent for longest.</summary>
    private int PlaceOf(Ipv4Address address)
    {
        var oldest = 0;
        for (var i = 0; i < _entries.Length; i++)
        {
            if (_entries[i].Address == address.Value)
                return i;
            if (_entries[i].Latest < _entries[oldest].Latest)
                oldest = i;
        }
        return oldest;
    }
}
