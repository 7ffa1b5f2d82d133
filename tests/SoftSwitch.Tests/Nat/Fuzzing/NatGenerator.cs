using System.Buffers.Binary;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Forwarding;

namespace SoftSwitch.Tests.Nat.Fuzzing;

/// <summary>
/// Frames with IPv4 packets for a NAT from a few hosts on either side: whole ones and fragments, queries, errors about packets that crossed
/// before, with right, partial and no checksums, and then some bytes, lengths or the offload header changed. The same seed gives the same
/// frames. Headers mostly get their checksum right again, so that what is wrong behind them is reached.
/// </summary>
internal sealed class NatGenerator(int seed)
{
    public const uint Outside = 0xCB00_7101;
    public const uint Inside = 0x0A00_0000;
    private const uint Remote = 0xC000_0200;

    private readonly Random _random = new(seed);
    private readonly byte[][] _crossed = new byte[64][];
    private readonly ushort[] _ports = new ushort[64];
    private readonly byte[] _frame = new byte[9000];

    /// <summary>Fragments of whole packets that are on their way, by direction and network.</summary>
    private readonly Dictionary<(bool, uint), Queue<byte[]>> _pieces = [];

    /// <summary>Remembers a frame that crossed: later errors are about it, and later packets come to its port.</summary>
    public void Crossed(ReadOnlySpan<byte> frame, int network, bool isOutbound)
    {
        var packet = frame[network..];
        _crossed[_random.Next(_crossed.Length)] = packet[..int.Min(packet.Length, 200)].ToArray();
        if (isOutbound && packet.Length >= 28)
            _ports[_random.Next(_ports.Length)] = BinaryPrimitives.ReadUInt16BigEndian(packet[(packet[9] == IpProtocol.Icmp ? 24 : 20)..]);
    }

    /// <summary>The next frame, good until the call after.</summary>
    public ReadOnlySpan<byte> Next(bool isOutbound, uint network, out VirtioNetHeader offload)
    {
        if (!_pieces.TryGetValue((isOutbound, network), out var pieces))
            _pieces.Add((isOutbound, network), pieces = []);
        if (pieces.Count > 0 && _random.Next(4) == 0)
        {
            offload = default;
            return pieces.Dequeue();
        }
        var source = isOutbound ? Inside | network << 16 | (uint)_random.Next(1, 5) : Remote | (uint)_random.Next(1, 5);
        var destination = !isOutbound || _random.Next(8) == 0 ? Outside : Remote | (uint)_random.Next(1, 5);
        _frame.AsSpan(0, 12).Fill(2);
        BinaryPrimitives.WriteUInt16BigEndian(_frame.AsSpan(12), EtherType.Ipv4);
        var packet = _frame.AsSpan(14);
        var header = 20 + (_random.Next(20) == 0 ? 4 * _random.Next(1, 11) : 0);
        packet[..header].Clear();
        packet[0] = (byte)(0x40 | header / 4);
        packet[8] = 64;
        BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)_random.Next(4));
        BinaryPrimitives.WriteUInt32BigEndian(packet[12..], source);
        BinaryPrimitives.WriteUInt32BigEndian(packet[16..], destination);
        packet[20..header].Fill(1);
        var length = WriteTransport(packet, header, isOutbound, out var field);
        var total = header + length;
        var isPartial = field >= 0 && _random.Next(4) == 0;
        offload = isPartial
            ? new() { Flags = VirtioNetFlags.NeedsChecksum, ChecksumStart = (ushort)(14 + header), ChecksumOffset = (ushort)field }
            : default;
        if (field >= 0)
            WriteChecksum(packet, header, length, field, isPartial);

        if (field >= 0 && !isPartial && length > 64 && pieces.Count < 20 && _random.Next(4) == 0)
        {
            Cut(packet, header, length, pieces);
        }
        else if (_random.Next(5) == 0)
        {
            // A piece of it: eight bytes each, somewhere, the last or not.
            BinaryPrimitives.WriteUInt16BigEndian(packet[6..],
                (ushort)(_random.Next(2) * 0x2000 | (_random.Next(2) == 0 ? 0 : _random.Next(12))));
            total = header + int.Min(length, 8 * _random.Next(12) + (_random.Next(4) == 0 ? _random.Next(8) : 0));
        }
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)total);
        var isIntact = _random.Next(3) > 0;
        for (var changes = isIntact ? 0 : _random.Next(1, 4); changes > 0; changes--)
            packet[_random.Next(int.Min(total, 120))] = (byte)_random.Next(256);
        if (isIntact || _random.Next(8) > 0)
        {
            packet[10..12].Clear();
            var claimed = int.Max(20, (packet[0] & 15) * 4);
            BinaryPrimitives.WriteUInt16BigEndian(packet[10..], (ushort)~Wire.Sum(packet[..claimed]));
        }
        if (!isIntact && offload.NeedsChecksum && _random.Next(2) == 0)
            offload.ChecksumStart = (ushort)_random.Next(14, 80);
        return _frame.AsSpan(0, 14 + total + (isIntact ? 0 : _random.Next(-3, 10)));
    }

    /// <summary>Cuts a packet into three fragments, to be sent in any order.</summary>
    private void Cut(ReadOnlySpan<byte> packet, int header, int length, Queue<byte[]> pieces)
    {
        var identification = (ushort)_random.Next(65_536);
        var piece = length / 3 / 8 * 8;
        int[] order = [0, 1, 2];
        _random.Shuffle(order);
        foreach (var i in order)
        {
            var size = i == 2 ? length - 2 * piece : piece;
            byte[] frame = [.. _frame.AsSpan(0, 14), .. packet[..header], .. packet.Slice(header + i * piece, size)];
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(16), (ushort)(header + size));
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(18), identification);
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(20), (ushort)(i * piece / 8 | (i < 2 ? 0x2000 : 0)));
            frame.AsSpan(24, 2).Clear();
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(24), (ushort)~Wire.Sum(frame.AsSpan(14, header)));
            pieces.Enqueue(frame);
        }
    }

    private int WriteTransport(Span<byte> packet, int header, bool isOutbound, out int field)
    {
        var transport = packet[header..];
        var kind = _random.Next(10);
        var payload = _random.Next(20) == 0 ? _random.Next(8000) : _random.Next(100);
        ushort near = (ushort)(4000 + _random.Next(6)), far = (ushort)(1000 + _random.Next(3));
        var outside = _random.Next(4) == 0 ? (ushort)_random.Next(20_000, 20_100) : _ports[_random.Next(_ports.Length)];
        ushort source = isOutbound ? near : far, destination = isOutbound ? far : outside;
        int length;
        switch (kind)
        {
            case < 4:
                packet[9] = IpProtocol.Tcp;
                length = 20 + 4 * _random.Next(3) + payload;
                _random.NextBytes(transport[..length]);
                transport[12] = (byte)(20 / 4 + _random.Next(3) << 4);
                if ((transport[12] >> 4) * 4 > length)
                    transport[12] = 0x50;
                field = 16;
                break;
            case < 7:
                packet[9] = IpProtocol.Udp;
                length = 8 + payload;
                _random.NextBytes(transport[..length]);
                BinaryPrimitives.WriteUInt16BigEndian(transport[4..], (ushort)length);
                field = _random.Next(6) == 0 ? -1 : 6;
                transport[6..8].Clear();
                break;
            default:
                packet[9] = kind == 9 && _random.Next(20) == 0 ? (byte)_random.Next(256) : IpProtocol.Icmp;
                length = 8 + payload;
                _random.NextBytes(transport[..length]);
                field = 2;
                if (kind == 7 && _crossed[_random.Next(_crossed.Length)] is { } inner)
                {
                    transport[0] = (byte)(_random.Next(8) switch { 0 => 11, 1 => 12, 2 => 4, 3 => 5, _ => 3 });
                    length = 8 + int.Min(inner.Length, 20 + 8 + _random.Next(200));
                    inner.AsSpan(0, length - 8).CopyTo(transport[8..]);
                    if (_random.Next(4) == 0)
                        transport[8 + _random.Next(length - 8)] ^= (byte)_random.Next(256);
                    return length;
                }
                transport[0] = (byte)(isOutbound ? 8 : 0);
                BinaryPrimitives.WriteUInt16BigEndian(transport[4..], isOutbound ? near : outside);
                return length;
        }
        BinaryPrimitives.WriteUInt16BigEndian(transport, source);
        BinaryPrimitives.WriteUInt16BigEndian(transport[2..], destination);
        return length;
    }

    private static void WriteChecksum(Span<byte> packet, int header, int length, int field, bool isPartial)
    {
        var transport = packet.Slice(header, length);
        transport.Slice(field, 2).Clear();
        byte[] pseudo = packet[9] == IpProtocol.Icmp ? [] : [.. packet.Slice(12, 8), 0, packet[9], (byte)(length >> 8), (byte)length];
        var sum = Wire.Sum(isPartial ? pseudo : [.. pseudo, .. transport]);
        BinaryPrimitives.WriteUInt16BigEndian(transport[field..], isPartial ? sum : sum == 0xFFFF ? (ushort)0xFFFF : (ushort)~sum);
    }
}
