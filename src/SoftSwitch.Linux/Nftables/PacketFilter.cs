using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.NfTables;

namespace SoftSwitch.Linux.Nftables;

/// <summary>Which of some ports packets may have that fit an expression, where they come in by one interface for one address.</summary>
internal sealed class PacketFilter(Ipv4Address address, string interfaceName, int index)
{
    /// <summary>Those that an expression <c>cmp</c> leaves.</summary>
    public TransportPorts[] Compare(TransportPorts[] ports, (PacketField, byte[]? Mask) field, uint operation, byte[] value)
    {
        byte[] none = new byte[value.Length], all = [.. Enumerable.Repeat(byte.MaxValue, value.Length)];
        return operation switch
        {
            NFT_CMP_EQ => Range(ports, field, value, value, isWithin: true),
            NFT_CMP_NEQ => Range(ports, field, value, value, isWithin: false),
            NFT_CMP_LTE => Range(ports, field, none, value, isWithin: true),
            NFT_CMP_GT => Range(ports, field, none, value, isWithin: false),
            NFT_CMP_GTE => Range(ports, field, value, all, isWithin: true),
            NFT_CMP_LT => Range(ports, field, value, all, isWithin: false),
            _ => ports,
        };
    }

    /// <summary>Those with a field from <paramref name="first"/> to <paramref name="last"/>, or not.</summary>
    public TransportPorts[] Range(
        TransportPorts[] ports, (PacketField Field, byte[]? Mask) loaded, byte[] first, byte[] last, bool isWithin)
    {
        if (first.Length != last.Length)
            return ports;
        switch (loaded.Field)
        {
            case PacketField.Family when first.Length >= 1:
                return (first[0] <= NFPROTO_IPV4 && NFPROTO_IPV4 <= last[0]) == isWithin ? ports : [];
            case PacketField.Protocol when first.Length >= 1:
                return [.. ports.Where(some => (first[0] <= some.Protocol && some.Protocol <= last[0]) == isWithin)];
            case PacketField.Port or PacketField.Ports when first.Length >= 2:
                var (from, to) = (BinaryPrimitives.ReadUInt16BigEndian(first.AsSpan(^2..)),
                    BinaryPrimitives.ReadUInt16BigEndian(last.AsSpan(^2..)));
                return [.. ports.SelectMany(some => isWithin ? Within(some, from, to) : Beside(some, from, to))];
            case PacketField.Address when first.Length == Ipv4Address.Size:
                var mask = loaded.Mask is { Length: Ipv4Address.Size } bits ? BinaryPrimitives.ReadUInt32BigEndian(bits) : uint.MaxValue;
                var masked = address.Value & mask;
                var isIn = BinaryPrimitives.ReadUInt32BigEndian(first) <= masked && masked <= BinaryPrimitives.ReadUInt32BigEndian(last);
                return isIn == isWithin ? ports : [];
            case PacketField.InterfaceName when first.AsSpan().SequenceEqual(last):
                return IsInterface(first) == isWithin ? ports : [];
            case PacketField.InterfaceIndex when first.Length == sizeof(int) && first.AsSpan().SequenceEqual(last):
                return (MemoryMarshal.Read<int>(first) == index) == isWithin ? ports : [];
            default:
                return ports;
        }
    }

    /// <summary>Those that a match of iptables leaves (xt_tcpudp.h, xt_multiport.h).</summary>
    public static TransportPorts[] Match(TransportPorts[] ports, string name, byte[] info)
    {
        ReadOnlySpan<ushort> numbers = MemoryMarshal.Cast<byte, ushort>(info);
        switch (name)
        {
            case "tcp" when info.Length >= 12:
            case "udp" when info.Length >= 10:
                var protocol = name == "tcp" ? IpProtocol.Tcp : IpProtocol.Udp;
                var isInverted = (info[name == "tcp" ? 11 : 8] & 2) != 0;
                var (lowest, highest) = (numbers[2], numbers[3]);
                return
                [
                    .. ports.Where(some => some.Protocol == protocol)
                        .SelectMany(some => isInverted ? Beside(some, lowest, highest) : Within(some, lowest, highest)),
                ];
            // What begins with a count of ports, and says of each whether it is the first of a range.
            case "multiport" when info is [not XT_MULTIPORT_SOURCE, <= 15, ..] && info.Length >= 48 && info[47] == 0:
                var left = new List<TransportPorts>();
                for (var i = 0; i < info[1]; i++)
                {
                    int lower = numbers[1 + i], upper = info[32 + i] != 0 && i + 1 < info[1] ? numbers[1 + ++i] : lower;
                    left.AddRange(ports.SelectMany(some => Within(some, lower, upper)));
                }
                return [.. left];
            default:
                return ports;
        }
    }

    /// <summary>The part of an element's key that is a field.</summary>
    public static byte[] Part(byte[] key, uint offset, PacketField field)
    {
        var size = field switch
        {
            PacketField.Family or PacketField.Protocol => 1,
            PacketField.Port => 2,
            PacketField.InterfaceName => key.Length,
            _ => 4,
        };
        return key.Length < offset ? [] : key[(int)offset..int.Min(key.Length, (int)offset + size)];
    }

    private static TransportPorts[] Within(TransportPorts some, int first, int last) =>
        int.Max(some.First, first) is var from && int.Min(some.Last, last) is var to && from <= to
            ? [some with { First = from, Last = to }] : [];

    private static TransportPorts[] Beside(TransportPorts some, int first, int last) =>
        [.. Within(some, 0, first - 1), .. Within(some, last + 1, ushort.MaxValue)];

    /// <summary>A name that ends with its zeros is the whole name, else its beginning.</summary>
    private bool IsInterface(byte[] name)
    {
        var end = name.AsSpan().IndexOf((byte)0);
        var text = Encoding.UTF8.GetString(end < 0 ? name : name.AsSpan(0, end));
        return end < 0 && name.Length < Interop.If.IFNAMSIZ
            ? interfaceName.StartsWith(text, StringComparison.Ordinal) : interfaceName == text;
    }
}
