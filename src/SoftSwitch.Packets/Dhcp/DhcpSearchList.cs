using System.Buffers.Binary;
using SoftSwitch.Packets.Dns;

namespace SoftSwitch.Packets.Dhcp;

/// <summary>The value of <see cref="DhcpOption.DomainSearch"/>: names of DNS, one behind the other. The end of one may be a
/// pointer to where the same end stands before, counted from the first byte of the value (RFC 3397, 2).</summary>
public static class DhcpSearchList
{
    private const ushort Pointer = 0xC000, FarthestPointer = 0x3FFF;

    /// <param name="domains">As people write them, in the order in which they are tried.</param>
    /// <exception cref="ArgumentException">One is no name.</exception>
    public static byte[] Write(IEnumerable<string> domains)
    {
        var bytes = new List<byte>();
        var places = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var domain in domains)
        {
            var room = new byte[DnsName.MaximumSize];
            var length = DnsName.Write(domain, room);
            if (length == 0)
                throw new ArgumentException($"{domain} is no name", nameof(domains));
            Add(bytes, room.AsSpan(0, length), places);
        }
        return [.. bytes];
    }

    private static void Add(List<byte> bytes, ReadOnlySpan<byte> name, Dictionary<string, int> places)
    {
        for (; name[0] > 0; name = name[(1 + name[0])..])
        {
            var end = DnsName.ToText(name);
            if (places.TryGetValue(end, out var place))
            {
                Span<byte> pointer = stackalloc byte[sizeof(ushort)];
                BinaryPrimitives.WriteUInt16BigEndian(pointer, (ushort)(Pointer | place));
                bytes.AddRange(pointer);
                return;
            }
            if (bytes.Count <= FarthestPointer)
                places.Add(end, bytes.Count);
            bytes.AddRange(name[..(1 + name[0])]);
        }
        bytes.Add(0);
    }
}
