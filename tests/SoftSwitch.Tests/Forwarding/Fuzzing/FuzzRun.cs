using System.Buffers.Binary;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Forwarding.Fuzzing;

/// <summary>
/// Hostile frames through two networks of ports that take offloads, some, or none. Whatever comes in, nothing may throw, the books balance,
/// and every frame that comes out is one that went in elsewhere on the same network in the same turn, once, with its offload work done
/// right.
/// </summary>
internal sealed class FuzzRun(int seed, int? lendsFrom = null) : IDisposable
{
    private static readonly (PortOffloads Offloads, int Mtu, int Network)[] Plan =
    [
        (PortOffloads.All, 1500, 0), (PortOffloads.None, 1500, 0), (PortOffloads.Checksum, 9000, 0), (PortOffloads.None, 9000, 0),
        (PortOffloads.All | PortOffloads.UdpTunnels | PortOffloads.UdpTunnelChecksums | PortOffloads.OddTunnels, 9000, 1),
        (PortOffloads.All | PortOffloads.UdpTunnels | PortOffloads.OtherTunnels, 9000, 1), (PortOffloads.None, 1500, 1),
        (PortOffloads.Checksum | PortOffloads.TcpV4, 1500, 1),
    ];

    private readonly FrameGenerator _generator = new(seed);
    private readonly Random _random = new(seed);
    private readonly Rig _rig = NewRig(lendsFrom);
    private readonly Dictionary<ulong, SentFrame> _sent = [];
    private readonly Dictionary<ulong, List<ReceivedFrame>> _received = [];

    /// <summary>Frames that came out, segments counted each.</summary>
    public long Delivered { get; private set; }

    /// <summary>Super-frames that came out in segments.</summary>
    public long Cut { get; private set; }

    /// <summary>Segments of super-frames in tunnels.</summary>
    public long CutInTunnels { get; private set; }

    /// <summary>Sends frames and judges what comes of them.</summary>
    /// <exception cref="InvalidDataException">What came out is wrong.</exception>
    public void Run(long frames)
    {
        for (long i = 0; i < frames; i += 64)
        {
            _sent.Clear();
            for (var j = 0; j < 64; j++)
            {
                var frame = _generator.Next(out var offload);
                var port = _random.Next(Plan.Length);
                _rig.Send(port, frame, offload);
                if (frame.Length >= 12)
                    _sent[MacAddress.Read(frame[6..]).Value] = new(port, frame.ToArray(), offload);
            }
            _rig.Turn();
            _rig.Now += TimeSpan.FromMilliseconds(_random.Next(20_000));
            for (var port = 0; port < Plan.Length; port++)
                JudgePort(port);
        }
    }

    public void Dispose() => _rig.Dispose();

    private static Rig NewRig(int? lendsFrom)
    {
        var rig = new Rig(stations: 512);
        foreach (var (offloads, mtu, network) in Plan)
            rig.Add(offloads, mtu, network, queueLength: 200_000, lendsFrom: lendsFrom);
        return rig;
    }

    private void JudgePort(int port)
    {
        _received.Clear();
        foreach (var frame in _rig.Received(port))
        {
            Delivered++;
            var source = MacAddress.Read(frame.Bytes.AsSpan(6)).Value;
            Need((source & 0x0100_0000_0000) == 0 && source != 0, "a source that no station has");
            if (!_received.TryGetValue(source, out var list))
                _received.Add(source, list = []);
            list.Add(frame);
        }
        foreach (var (source, frames) in _received)
        {
            Need(_sent.TryGetValue(source, out var sent), "a frame from nowhere");
            Need(sent.Port != port, "a frame back out of its port");
            Need(Plan[sent.Port].Network == Plan[port].Network, "a frame in another network");
            try
            {
                Judge(sent, frames, port);
            }
            catch (Exception e)
            {
                throw new InvalidDataException(
                    $"{e.Message}; seed {seed}, port {port}, offload {Text(sent.Offload)}, frame {Convert.ToHexString(sent.Bytes)}", e);
            }
        }
    }

    private void Judge(SentFrame sent, List<ReceivedFrame> frames, int port)
    {
        var offloads = Plan[port].Offloads;
        foreach (var (bytes, offload) in frames)
        {
            var network = NetworkOffset(bytes, out var type);
            var longest = offload.IsSuperFrame ? offload.HeaderLength + offload.GsoSize : bytes.Length;
            Need(bytes.Length >= 60, "a frame that is too short");
            Need(longest - network <= Plan[port].Mtu, "a frame that is too long");
            Need(bytes.AsSpan(0, 12).SequenceEqual(sent.Bytes.AsSpan(0, 12)), "other addresses");
            Need((MacAddress.Read(bytes).Value & 0xFFFF_FFFF_FFF0) != 0x0180_C200_0000 && type != 0x8808,
                "a frame that ends at the first link");
            JudgeHeader(bytes, offload, offloads);
        }

        var first = frames[0];
        if (frames.Count > 1 && first.Offload.IsSuperFrame && first.Offload.GsoType != GsoType.UdpSegments)
            JudgeParts(sent, frames);
        else if (frames.Count > 1 || first.Bytes.Length != sent.Padded.Length)
            JudgeSegments(sent, [.. TunnelWire.Finish(frames)]);
        else if (first.Offload.IsSuperFrame)
            JudgeWhole(sent, first);
        else if (first.Offload.NeedsChecksum || !sent.Offload.NeedsChecksum)
            Need(first.Bytes.AsSpan().SequenceEqual(sent.Padded) && sent.Offload.NeedsChecksum == first.Offload.NeedsChecksum,
                "the frame changed");
        else
            JudgeCompleted(sent, first.Bytes);
    }

    /// <summary>Of one with very many segments, super-frames with fewer: all of the payload, in its order.</summary>
    private static void JudgeParts(SentFrame sent, List<ReceivedFrame> parts)
    {
        int header = parts[0].Offload.HeaderLength, start = parts[0].Offload.ChecksumStart;
        var payload = parts.SelectMany(part => part.Bytes[header..]).ToArray();
        // The header that says a length of more than 64 KB is in none of them, and a short last one is padded.
        var length = sent.Bytes.Length - header - (sent.Bytes.Length - header > payload.Length ? 8 : 0);
        Need(payload.Length >= length && payload.AsSpan(0, length).SequenceEqual(sent.Bytes.AsSpan()[^length..]), "the payload changed");
        var sequence = Sequence(parts[0]);
        foreach (var part in parts)
        {
            Need(Sequence(part) == sequence, "a gap");
            sequence += (uint)(part.Bytes.Length - header);
        }

        uint Sequence(in ReceivedFrame part) => BinaryPrimitives.ReadUInt32BigEndian(part.Bytes.AsSpan(start + 4));
    }

    /// <summary>All bytes but the checksums, which are partial now, are as they were.</summary>
    private static void JudgeWhole(SentFrame sent, ReceivedFrame whole)
    {
        var (bytes, offload) = whole;
        var before = sent.Bytes.ToArray();
        Copy(offload.ChecksumStart + offload.ChecksumOffset);
        if (IsUdpTunnel(offload))
            Copy(offload.OuterTransportOffset + 6);
        Need(bytes.AsSpan().SequenceEqual(before), "the frame changed");

        void Copy(int field) => bytes.AsSpan(field, 2).CopyTo(before.AsSpan(field));
    }

    private static void JudgeHeader(byte[] bytes, VirtioNetHeader offload, PortOffloads offloads)
    {
        if (offloads == PortOffloads.None)
            return;
        Need(offload.BufferCount == 1, "the number of buffers");
        var known = VirtioNetFlags.NeedsChecksum
            | ((offloads & PortOffloads.UdpTunnelChecksums) != 0 ? VirtioNetFlags.UdpTunnelChecksum : 0);
        Need((offload.Flags & ~known) == 0, "flags");
        Need(!offload.IsEncapsulated || (offloads & (IsUdpTunnel(offload) ? PortOffloads.UdpTunnels : PortOffloads.OtherTunnels)) != 0,
            "a tunnel that the output can't take");
        Need(!offload.NeedsChecksum || offload.ChecksumStart + offload.ChecksumOffset + 2 <= bytes.Length, "a checksum outside the frame");
        Need(offload.NeedsChecksum || !offload.IsSuperFrame, "a super-frame without a partial checksum");
        if (!offload.IsSuperFrame)
        {
            Need(offload.GsoSize == 0, "a segment size without a super-frame");
            return;
        }
        Need(offload.SegmentKind switch
        {
            GsoType.TcpV4 => (offloads & PortOffloads.TcpV4) != 0,
            GsoType.TcpV6 => (offloads & PortOffloads.TcpV6) != 0,
            GsoType.UdpSegments => (offloads & PortOffloads.UdpSegments) != 0,
            _ => false,
        }, "a super-frame that the output can't take");
        Need(offload.GsoSize >= 48 && bytes.Length - offload.HeaderLength > offload.GsoSize, "the segment size");
    }

    private static bool IsUdpTunnel(VirtioNetHeader offload) => (offload.GsoType & (GsoType.UdpTunnelIpv4 | GsoType.UdpTunnelIpv6)) != 0;

    /// <summary>All bytes but the checksum are as they were, and with the pseudo-header's sum the checksum is right.</summary>
    private static void JudgeCompleted(SentFrame sent, byte[] bytes)
    {
        int start = sent.Offload.ChecksumStart, field = start + sent.Offload.ChecksumOffset;
        if (sent.Offload.ChecksumOffset == 8)
            return; // SCTP's is no sum.
        var before = sent.Padded;
        Need(bytes.AsSpan(0, field).SequenceEqual(before.AsSpan(0, field)), "bytes before the checksum changed");
        Need(bytes.AsSpan(field + 2).SequenceEqual(before.AsSpan(field + 2)), "bytes behind the checksum changed");
        if ((sent.Offload.ChecksumOffset & 1) != 0)
            return; // No protocol has its checksum there: there is no right one.
        var sum = Wire.Sum(bytes.AsSpan(start)) + (uint)BinaryPrimitives.ReadUInt16BigEndian(before.AsSpan(field));
        Need(sum % 0xFFFF == 0, "the completed checksum is wrong");
    }

    private void JudgeSegments(SentFrame sent, List<byte[]> frames)
    {
        Cut++;
        Need(sent.Offload.IsSuperFrame, "a frame was cut that is no super-frame");
        var payload = new List<byte>();
        foreach (var bytes in frames)
        {
            var wire = Wire.Read(Inside(bytes, sent.Offload));
            Need(wire.Payload.Length == sent.Offload.GsoSize || bytes == frames[^1], "a segment of another size");
            payload.AddRange(wire.Payload);
        }
        var header = frames[0].Length - sent.Offload.GsoSize;
        Need(sent.Bytes.AsSpan(header).SequenceEqual(payload.ToArray()), "the segments' payload is not the super-frame's");
        Need(frames.Count == (payload.Count + sent.Offload.GsoSize - 1) / sent.Offload.GsoSize, "too many segments");
    }

    /// <summary>The frame without its tunnel, where it is in one and the super-frame was inside. <c>TunnelTests</c> judge tunnels by
    /// rules of their own.</summary>
    private byte[] Inside(byte[] bytes, VirtioNetHeader sent)
    {
        var start = sent.NeedsChecksum ? sent.ChecksumStart : 0;
        if (TransportLayout.TryRead(bytes, out var plain) && (start == 0
            ? plain.Protocol == (sent.SegmentKind == GsoType.UdpSegments ? IpProtocol.Udp : IpProtocol.Tcp)
            : plain.TransportOffset == start))
            return bytes;
        Need(TunnelLayout.TryRead(bytes, start, out var tunnel), "no segment of what was sent");
        CutInTunnels++;
        var ip = bytes.AsSpan(tunnel.NetworkOffset);
        var length = BinaryPrimitives.ReadUInt16BigEndian(ip[(tunnel.IsIpv6 ? 4 : 2)..]) + (tunnel.IsIpv6 ? 40 : 0);
        Need(length == ip.Length && (tunnel.IsIpv6 || Wire.Sum(ip[..((ip[0] & 15) * 4)]) == 0xFFFF), "the outer IP header is wrong");
        return [.. bytes[..12], (byte)(tunnel.Inner.IsIpv6 ? 0x86 : 0x08), (byte)(tunnel.Inner.IsIpv6 ? 0xDD : 0x00),
            .. bytes[tunnel.Inner.NetworkOffset..]];
    }

    private static int NetworkOffset(byte[] bytes, out ushort type)
    {
        var offset = 14;
        for (var tags = 0; ; tags++, offset += 4)
        {
            type = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(offset - 2));
            if (tags == 2 || type is not (0x8100 or 0x88A8) || bytes.Length < offset + 4)
                return offset;
        }
    }

    private static string Text(VirtioNetHeader offload) =>
        $"flags {offload.Flags}, kind {offload.GsoType}, size {offload.GsoSize}, sum {offload.ChecksumStart} + {offload.ChecksumOffset}";

    private static void Need(bool condition, string otherwise)
    {
        if (!condition)
            throw new InvalidDataException(otherwise);
    }
}
