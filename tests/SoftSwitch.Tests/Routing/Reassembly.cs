using System.Buffers.Binary;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Nat;

namespace SoftSwitch.Tests.Routing;

/// <summary>
/// A receiver that puts packets together as Linux does (net/ipv4/inet_fragment.c): an exact copy is dropped, what comes after the last
/// missing part begins another packet, and all parts of one identification are one packet's. What it has put together must have all
/// checksums right.
/// </summary>
internal sealed class Reassembly
{
    private readonly Dictionary<(Ipv4Address, Ipv4Address, byte, ushort), SortedDictionary<int, byte[]>> _coming = [];

    /// <summary>Packets that are complete.</summary>
    public List<NatPacket> Packets { get; } = [];

    public void Add(byte[] frame)
    {
        Assert.True(Ipv4Layout.TryRead(frame, 14, frame.Length, out var packet), "an IPv4 header is wrong");
        if (!packet.IsFragment)
        {
            Packets.Add(NatPacket.Read(frame));
            return;
        }
        var key = (packet.Source, packet.Destination, packet.Protocol, packet.Identification);
        if (!_coming.TryGetValue(key, out var parts))
            _coming.Add(key, parts = []);
        parts.TryAdd(packet.FragmentOffset, frame);
        var at = 0;
        foreach (var (offset, part) in parts)
        {
            Assert.True(offset >= at, "fragments overlap");
            if (offset > at)
                return;
            at += BinaryPrimitives.ReadUInt16BigEndian(part.AsSpan(16)) - 20;
        }
        if ((parts.Values.Last()[20] & 0x20) != 0)
            return;
        _coming.Remove(key);
        byte[] whole = [.. parts[0].AsSpan(0, 34),
            .. parts.Values.SelectMany(part => part[34..(14 + BinaryPrimitives.ReadUInt16BigEndian(part.AsSpan(16)))])];
        BinaryPrimitives.WriteUInt16BigEndian(whole.AsSpan(16), (ushort)(whole.Length - 14));
        whole.AsSpan(20, 2).Clear();
        whole.AsSpan(24, 2).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(whole.AsSpan(24), (ushort)~Forwarding.Wire.Sum(whole.AsSpan(14, 20)));
        Packets.Add(NatPacket.Read(whole));
    }
}
