using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Forwarding.Fuzzing;

/// <summary>
/// What a hostile guest might send: random bytes, and packets of every kind with some bytes and lengths changed, beside offload headers
/// that are right, nearly right, or noise. The same seed gives the same frames. Each frame's source is a number of its own, or one that no
/// station can have.
/// </summary>
internal sealed class FrameGenerator(int seed)
{
    private static readonly ushort[] Interesting = [0, 1, 13, 14, 34, 47, 48, 1460, 1500, 2047, 2048, 0x7FFF, 0x8000, 0x8100, 0x86DD,
        0xFFFE, 0xFFFF];

    private readonly Random _random = new(seed);
    private readonly (VirtioNetHeader Offload, byte[] Frame)[] _small = Corpus(new(seed), 200, 0, 2000);
    private readonly (VirtioNetHeader Offload, byte[] Frame)[] _large = Corpus(new(seed), 12, 3000, 40_000);
    private readonly byte[] _frame = new byte[100_000];
    private uint _number;

    /// <summary>The next frame, good until the call after.</summary>
    public ReadOnlySpan<byte> Next(out VirtioNetHeader offload)
    {
        int length;
        if (_random.Next(10) < 2)
        {
            length = _random.Next(200);
            _random.NextBytes(_frame.AsSpan(0, length));
            offload = Offload(default, 0);
        }
        else
        {
            var corpus = _random.Next(500) == 0 ? _large : _small;
            var (right, frame) = corpus[_random.Next(corpus.Length)];
            frame.CopyTo(_frame, 0);
            length = Mutate(frame.Length);
            offload = Offload(right, length);
        }
        WriteAddresses(length);
        return _frame.AsSpan(0, length);
    }

    private int Mutate(int length)
    {
        for (var changes = _random.Next(4); changes > 0; changes--)
        {
            var at = 12 + _random.Next(int.Min(length, 120) - 13);
            if (_random.Next(2) == 0)
                _frame[at] = (byte)_random.Next(256);
            else
                BinaryPrimitives.WriteUInt16BigEndian(_frame.AsSpan(at), AnyNumber());
        }
        return _random.Next(10) switch
        {
            0 => _random.Next(length + 1),
            1 => _random.Next(int.Min(length, 120)),
            2 => length + _random.Next(40),
            _ => length,
        };
    }

    private VirtioNetHeader Offload(VirtioNetHeader right, int length)
    {
        var offload = right;
        switch (_random.Next(10))
        {
            case 0 or 1:
                return default;
            case 2:
                _random.NextBytes(MemoryMarshal.AsBytes(new Span<VirtioNetHeader>(ref offload)));
                return offload;
            case 3 or 4:
                return right;
        }
        if (_random.Next(4) == 0)
            (offload.Flags, offload.ChecksumStart, offload.ChecksumOffset) =
                (_random.Next(2) == 0 ? VirtioNetFlags.None : VirtioNetFlags.DataValid, 0, 0);
        offload.GsoSize = _random.Next(3) == 0 ? AnyNumber() : (ushort)_random.Next(40, int.Max(41, int.Min(length, 1500)));
        offload.GsoType = _random.Next(8) switch
        {
            0 => (GsoType)_random.Next(256),
            1 or 2 => GsoType.TcpV6,
            3 => GsoType.TcpV4 | GsoType.Ecn,
            4 or 5 => GsoType.UdpSegments,
            _ => GsoType.TcpV4,
        };
        for (var changes = _random.Next(8) - 5; changes > 0; changes--)
        {
            var bytes = MemoryMarshal.AsBytes(new Span<VirtioNetHeader>(ref offload));
            if (_random.Next(2) == 0)
                bytes[_random.Next(bytes.Length)] = (byte)_random.Next(256);
            else
                MemoryMarshal.Write(bytes[(2 * _random.Next(bytes.Length / 2))..], AnyNumber());
        }
        return offload;
    }

    private ushort AnyNumber() => _random.Next(2) == 0 ? Interesting[_random.Next(Interesting.Length)] : (ushort)_random.Next(65_536);

    private void WriteAddresses(int length)
    {
        _number++;
        if (length < 12)
            return;
        new MacAddress(_random.Next(10) switch
        {
            < 4 => 0xFFFF_FFFF_FFFFUL,
            < 8 => 0x0200_0000_0000UL | (uint)int.Max(1, (int)_number - _random.Next(1, 400)),
            8 => 0x0180_C200_0000UL | (uint)_random.Next(17),
            _ => (ulong)_random.NextInt64(1L << 48),
        }).Write(_frame);
        new MacAddress(_random.Next(30) switch
        {
            0 => 0UL,
            1 => 0x0100_0000_0000UL | (ulong)_random.NextInt64(1L << 48),
            _ => 0x0200_0000_0000UL | _number,
        }).Write(_frame.AsSpan(6));
    }

    private static (VirtioNetHeader Offload, byte[] Frame)[] Corpus(Random random, int count, int shortest, int longest)
    {
        var corpus = new (VirtioNetHeader, byte[])[count];
        for (var i = 0; i < count; i++)
        {
            var isIpv6 = random.Next(2) == 0;
            var spec = new PacketSpec
            {
                Protocol = random.Next(3) == 0 ? IpProtocol.Udp : IpProtocol.Tcp,
                IsIpv6 = isIpv6,
                Vlans = new ushort[int.Max(0, random.Next(5) - 2)],
                IpOptions = isIpv6 ? 0 : 4 * int.Max(0, random.Next(14) - 7),
                Extensions = isIpv6 ? int.Max(0, random.Next(12) - 6) : 0,
                TcpOptions = 4 * random.Next(11),
                Payload = random.Next(shortest, longest),
                Flags = (byte)random.Next(256),
                Identification = (ushort)random.Next(65_536),
                Sequence = (uint)random.NextInt64(1L << 32),
            };
            if (random.Next(3) != 0)
            {
                corpus[i] = (spec.Offload(), spec.Build(isPartial: true));
                continue;
            }
            var tunnel = new TunnelSpec
            {
                Kind = (TunnelKind)random.Next(7), Inner = spec, IsIpv6 = random.Next(2) == 0, HasChecksum = random.Next(2) == 0,
                Vlans = spec.Vlans,
            };
            corpus[i] = (tunnel.Offload(), tunnel.Build(isPartial: true, isSuper: random.Next(2) == 0));
        }
        return corpus;
    }
}
