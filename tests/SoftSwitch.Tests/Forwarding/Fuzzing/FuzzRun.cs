using System.Buffers.Binary;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Forwarding.Fuzzing;

/// <summary>
/// Hostile frames through two networks of ports that take offloads, some, or none. Whatever comes in, nothing may throw, the books balance, and every frame
/// that comes out is one that went in elsewhere on the same network in the same turn, once, with its offload work done right.
/// </summary>
internal sealed class FuzzRun(int seed) : IDisposable
{
    private static readonly (PortOffloads Offloads, int Mtu, int Network)[] Plan =
    [
        (PortOffloads.All, 1500, 0), (PortOffloads.None, 1500, 0), (PortOffloads.Checksum, 9000, 0), (PortOffloads.None, 9000, 0),
        (PortOffloads.All, 9000, 1), (PortOffloads.None, 1500, 1), (PortOffloads.Checksum | PortOffloads.TcpV4, 1500, 1),
    ];

    private readonly FrameGenerator _generator = new(seed);
    private readonly Random _random = new(seed);
    private readonly Rig _rig = NewRig();
    private readonly Dictionary<ulong, SentFrame> _sent = [];
    private readonly Dictionary<ulong, List<ReceivedFrame>> _received = [];

    /// <summary>Frames that came out, segments counted each.</summary>
    public long Delivered { get; private set; }

    /// <summary>Super-frames that came out in segments.</summary>
    public long Cut { get; private set; }

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

    private static Rig NewRig()
    {
        var rig = new Rig(stations: 512);
        foreach (var (offloads, mtu, network) in Plan)
            rig.Add(offloads, mtu, network, queueLength: 200_000);
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
                throw new InvalidDataException($"{e.Message}; seed {seed}, port {port}, offload {Text(sent.Offload)}, frame {Convert.ToHexString(sent.Bytes)}", e);
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
            Need((MacAddress.Read(bytes).Value & 0xFFFF_FFFF_FFF0) != 0x0180_C200_0000 && type != 0x8808, "a frame that ends at the first link");
            JudgeHeader(bytes, offload, offloads);
        }

        var first = frames[0];
        if (first.Offload.IsSuperFrame || first.Offload.NeedsChecksum && first.Bytes.Length == sent.Padded.Length || !sent.Offload.NeedsChecksum)
        {
            Need(frames.Count == 1 && first.Bytes.AsSpan().SequenceEqual(sent.Padded), "the frame changed or came twice");
            Need(sent.Offload.NeedsChecksum == first.Offload.NeedsChecksum, "the partial checksum is lost");
        }
        else if (frames.Count == 1 && first.Bytes.Length == sent.Padded.Length)
        {
            JudgeCompleted(sent, first.Bytes);
        }
        else
        {
            JudgeSegments(sent, frames);
        }
    }

    private static void JudgeHeader(byte[] bytes, VirtioNetHeader offload, PortOffloads offloads)
    {
        if (offloads == PortOffloads.None)
            return;
        Need(offload.BufferCount == 1, "the number of buffers");
        Need((offload.Flags & ~VirtioNetFlags.NeedsChecksum) == 0, "flags");
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

    /// <summary>All bytes but the checksum are as they were, and with the pseudo-header's sum the checksum is right.</summary>
    private static void JudgeCompleted(SentFrame sent, byte[] bytes)
    {
        int start = sent.Offload.ChecksumStart, field = start + sent.Offload.ChecksumOffset;
        var before = sent.Padded;
        Need(bytes.AsSpan(0, field).SequenceEqual(before.AsSpan(0, field)), "bytes before the checksum changed");
        Need(bytes.AsSpan(field + 2).SequenceEqual(before.AsSpan(field + 2)), "bytes behind the checksum changed");
        if ((sent.Offload.ChecksumOffset & 1) != 0)
            return; // No protocol has its checksum there: there is no right one.
        var sum = Wire.Sum(bytes.AsSpan(start)) + (uint)BinaryPrimitives.ReadUInt16BigEndian(before.AsSpan(field));
        Need(sum % 0xFFFF == 0, "the completed checksum is wrong");
    }

    private void JudgeSegments(SentFrame sent, List<ReceivedFrame> frames)
    {
        Cut++;
        Need(sent.Offload.IsSuperFrame, "a frame was cut that is no super-frame");
        var payload = new List<byte>();
        foreach (var (bytes, offload) in frames)
        {
            if (offload.NeedsChecksum)
            {
                var sum = (ushort)~Wire.Sum(bytes.AsSpan(offload.ChecksumStart));
                BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(offload.ChecksumStart + offload.ChecksumOffset), sum == 0 ? (ushort)0xFFFF : sum);
            }
            var wire = Wire.Read(bytes);
            Need(wire.Payload.Length == sent.Offload.GsoSize || bytes == frames[^1].Bytes, "a segment of another size");
            payload.AddRange(wire.Payload);
        }
        var header = frames[0].Bytes.Length - sent.Offload.GsoSize;
        Need(sent.Bytes.AsSpan(header).SequenceEqual(payload.ToArray()), "the segments' payload is not the super-frame's");
        Need(frames.Count == (payload.Count + sent.Offload.GsoSize - 1) / sent.Offload.GsoSize, "too many segments");
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
