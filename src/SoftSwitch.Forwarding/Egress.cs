using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding;

/// <summary>
/// Step 8, transmit: a burst's frames for one output are measured against its MTU, finished where the output can't finish them itself, and
/// handed over, 64 at a time, in their order. Counts what left and what didn't.
/// <para>
/// What one frame costs here is up to its sender: one super-frame is a thousand frames for an output that doesn't take it, or for a kernel
/// that has to cut it. So it is told how much it may send, stops when that is used up, even in the middle of a super-frame, and goes on
/// there. One for each <see cref="Passage"/>, with its scratch.
/// </para>
/// </summary>
/// <param name="worker">Whose it is.</param>
/// <param name="failed">Told what an output threw: that costs the output, not the port whose frames they are. Null: it costs
/// whoever transmits.</param>
public sealed class Egress(int worker, Action<Port, Exception>? failed = null) : IDisposable
{
    /// <summary>The most segments that are handed over as one frame: the kernel may have to cut it, in one go. BIG TCP of an Ethernet's
    /// ordinary segments has less.</summary>
    private const int MostSegments = 384;

    /// <summary>Segments for which a kernel that cuts them takes as long as for one frame of their own.</summary>
    private const int SegmentsPerSend = 4;

    private const PortOffloads Datagrams = PortOffloads.UdpSegments | PortOffloads.Checksum;

    /// <summary>The most bytes from the outer IP header to the inner one for which <see cref="PortOffloads.UdpTunnels"/> is enough; with
    /// more it takes <see cref="PortOffloads.OddTunnels"/> too.</summary>
    private const int PlainTunnelHeaders = 128;

    private readonly TransmitBatch _batch = new();

    /// <summary>Bytes of payload that are cut off already of the super-frame with which the next call goes on.</summary>
    private int _cut;

    /// <param name="burst">The frames.</param>
    /// <param name="output">Where they go.</param>
    /// <param name="frames">Which of them.</param>
    /// <param name="sends">How many frames may be handed over; less what was.</param>
    /// <returns>Those that are still to be sent, from the one on at which <paramref name="sends"/> was used up.</returns>
    public FrameSet Transmit(Burst burst, Port output, FrameSet frames, ref int sends)
    {
        ref var counters = ref output.Counters(worker);
        var left = frames;
        foreach (var index in frames)
        {
            if (sends <= 0)
                break;
            ref var frame = ref burst[index];
            var mtu = frame.MayFragment ? int.Min(output.Mtu, frame.LongestFragment) : output.Mtu;
            if (frame.LongestPacket > mtu)
            {
                if (frame.MayFragment && !frame.Offload.IsSuperFrame)
                    AddFragments(ref frame, mtu, output, ref counters, ref sends);
                else
                    counters.OutDrops(DropReason.MtuExceeded)++;
            }
            else if ((Needed(frame) & ~output.Offloads) is var missing && missing == 0)
            {
                // One that was begun goes on in parts, whatever the output takes by now.
                if (frame.Offload.IsSuperFrame && (_cut != 0 || frame.Segments > MostSegments))
                    AddSegments(ref frame, output, ref counters, ref sends);
                else
                    AddWhole(ref frame, output, ref counters, ref sends);
            }
            else if (missing == PortOffloads.UdpTunnelChecksums && frame.EtherType == EtherType.Ipv4 && _cut == 0
                && frame.Segments <= MostSegments)
                AddWithoutOuterChecksum(ref frame, output, ref counters, ref sends);
            else if (frame.Offload.IsSuperFrame && IsUdpTunnel(frame) && (output.Offloads & Datagrams) == Datagrams)
                AddDatagrams(ref frame, output, ref counters, ref sends);
            else if (frame.Offload.IsSuperFrame)
                AddSegments(ref frame, output, ref counters, ref sends);
            else
                AddCompleted(ref frame, output, ref counters);
            if (_cut != 0)
                break;
            sends--;
            left -= FrameSet.Of(index);
        }
        Flush(output, ref counters);
        return left;
    }

    /// <summary>Counts frames that are not sent to an output, because it has gone: what is left of a super-frame is one.</summary>
    public void Refuse(Port output, FrameSet frames)
    {
        ref var counters = ref output.Counters(worker);
        counters.OutDrops(DropReason.PortDown) += frames.Count;
        if (_cut != 0)
            counters.Segments++;
        _cut = 0;
    }

    /// <summary>Forgets what was to be sent: after a failure in the middle, nothing of it may leave by another port.</summary>
    public void Abandon()
    {
        _batch.Clear();
        _cut = 0;
    }

    public void Dispose() => _batch.Dispose();

    /// <summary>What an output must be able to finish to take the frame as it is.</summary>
    private static PortOffloads Needed(in Frame frame)
    {
        ref var offload = ref frame.Offload;
        if (!offload.NeedsChecksum)
            return PortOffloads.None;
        if (!offload.IsSuperFrame)
            return PortOffloads.Checksum;
        return PortOffloads.Checksum | NeededToCut(frame);
    }

    private static PortOffloads NeededToCut(in Frame frame)
    {
        ref var offload = ref frame.Offload;
        var segments = offload.SegmentKind switch
        {
            GsoType.TcpV4 => PortOffloads.TcpV4,
            GsoType.TcpV6 => PortOffloads.TcpV6,
            GsoType.UdpSegments => PortOffloads.UdpSegments,
            _ => PortOffloads.None,
        };
        if ((offload.GsoType & GsoType.Ecn) != 0)
            segments |= PortOffloads.Ecn;
        if (frame.Length - frame.PacketOffset > ushort.MaxValue)
            segments |= PortOffloads.Big;
        if (offload.IsEncapsulated)
        {
            segments |= IsUdpTunnel(frame) ? PortOffloads.UdpTunnels : PortOffloads.OtherTunnels;
            if ((offload.Flags & VirtioNetFlags.UdpTunnelChecksum) != 0)
                segments |= PortOffloads.UdpTunnelChecksums;
            if (!IsPlainTunnel(frame))
                segments |= PortOffloads.OddTunnels;
        }
        return segments;
    }

    private static bool IsUdpTunnel(in Frame frame) =>
        (frame.Offload.GsoType & (GsoType.UdpTunnelIpv4 | GsoType.UdpTunnelIpv6)) != 0;

    private static bool IsPlainTunnel(in Frame frame) =>
        TunnelLayout.TryRead(frame.HeadBytes, frame.Offload.ChecksumStart, out var tunnel) && tunnel.IsPlain(frame.HeadBytes)
            && tunnel.Inner.NetworkOffset - tunnel.NetworkOffset <= PlainTunnelHeaders;

    private unsafe void AddWhole(ref Frame frame, Port output, ref PortCounters counters, ref int sends)
    {
        if (frame.Offload.IsSuperFrame)
            sends -= frame.Segments / SegmentsPerSend;
        if (!_batch.Fits(1 + frame.BodyCount, 0))
            Flush(output, ref counters);
        _batch.Begin(frame.Head, frame.HeadLength, output.OffloadHeaderLength);
        foreach (var piece in frame.BodyPieces)
            _batch.Append(piece);
    }

    private void AddCompleted(ref Frame frame, Port output, ref PortCounters counters)
    {
        if (!_batch.Fits(1 + frame.BodyCount, frame.HeadLength))
            Flush(output, ref counters);
        PartialChecksum.Complete(ref frame, _batch, output.OffloadHeaderLength);
        counters.Checksums++;
    }

    /// <summary>
    /// The output cuts the super-frame, but makes no outer checksum: over IPv4 a tunnel's datagrams may go without one (RFC 768; RFC 7348,
    /// 5, even wants them so), and what they carry has its own.
    /// </summary>
    private unsafe void AddWithoutOuterChecksum(ref Frame frame, Port output, ref PortCounters counters, ref int sends)
    {
        sends -= frame.Segments / SegmentsPerSend;
        if (!_batch.Fits(1 + frame.BodyCount, frame.HeadLength))
            Flush(output, ref counters);
        var head = _batch.NewHead(frame.HeadLength);
        var bytes = new Span<byte>(head, frame.HeadLength);
        frame.HeadBytes.CopyTo(bytes);
        bytes.Slice(frame.Offload.OuterTransportOffset + UdpHeader.ChecksumOffset, sizeof(ushort)).Clear();
        ref var offload = ref *(VirtioNetHeader*)(head - Frame.HeadRoom);
        offload = frame.Offload;
        offload.Flags &= ~VirtioNetFlags.UdpTunnelChecksum;
        _batch.Begin(head, frame.HeadLength, output.OffloadHeaderLength);
        foreach (var piece in frame.BodyPieces)
            _batch.Append(piece);
    }

    /// <summary>Into segments, or where the output takes super-frames, but not such a large one, into smaller ones.</summary>
    private void AddSegments(ref Frame frame, Port output, ref PortCounters counters, ref int sends)
    {
        var superFrame = new SuperFrame(
            ref frame, (Needed(frame) & ~output.Offloads & ~PortOffloads.Big) == 0 ? MostSegments : 1);
        var completesChecksum = (output.Offloads & PortOffloads.Checksum) != 0;
        GoOn(ref superFrame, ref counters);
        while (!superFrame.IsDone)
        {
            if (sends <= 0)
            {
                _cut = superFrame.Done;
                return;
            }
            if (!_batch.Fits(1 + superFrame.MaximumPieces, superFrame.HeaderLength))
                Flush(output, ref counters);
            sends -= 1 + superFrame.Next(_batch, output.OffloadHeaderLength, completesChecksum) / SegmentsPerSend;
            counters.Segments++;
        }
        _cut = 0;
    }

    /// <summary>Segments go out as few super-frames: a receiver that is given them one by one acknowledges every other one, but puts
    /// together what comes as one before it answers.</summary>
    private void AddDatagrams(ref Frame frame, Port output, ref PortCounters counters, ref int sends)
    {
        var superFrame = new SuperFrame(ref frame, 1);
        GoOn(ref superFrame, ref counters);
        while (!superFrame.IsDone)
        {
            if (sends <= 0)
            {
                _cut = superFrame.Done;
                return;
            }
            var count = superFrame.Datagrams;
            if (!_batch.Fits(1 + superFrame.MaximumDatagramPieces, count * (superFrame.HeaderLength + Frame.HeadRoom + 20)))
                Flush(output, ref counters);
            if (count > 1)
                superFrame.NextDatagrams(_batch, output.OffloadHeaderLength);
            else
                superFrame.Next(_batch, output.OffloadHeaderLength, completesChecksum: true);
            sends -= 1 + count / SegmentsPerSend;
            counters.Segments++;
        }
        _cut = 0;
    }

    /// <summary>Where the call before this has stopped, or at the begin: then what is counted for the frame itself is no copy.</summary>
    private void GoOn(ref SuperFrame superFrame, ref PortCounters counters)
    {
        if (_cut == 0)
            counters.Segments--;
        else
            superFrame.Skip(_cut);
    }

    private void AddFragments(ref Frame frame, int mtu, Port output, ref PortCounters counters, ref int sends)
    {
        var packet = new Fragmentation(ref frame, mtu);
        counters.Segments--;
        while (!packet.IsDone)
        {
            if (!_batch.Fits(1 + packet.MaximumPieces, packet.HeaderLength))
                Flush(output, ref counters);
            packet.Next(_batch, output.OffloadHeaderLength);
            counters.Segments++;
            sends--;
        }
    }

    private void Flush(Port output, ref PortCounters counters)
    {
        if (_batch.Count == 0)
            return;
        try
        {
            output.Transmit(_batch);
        }
        catch (Exception e) when (failed is not null)
        {
            for (var i = 0; i < _batch.Count; i++)
                _batch.Refuse(i, DropReason.TransmitFailed);
            failed(output, e);
        }
        var bytes = _batch.Bytes;
        if (_batch.Refused != 0)
        {
            for (var i = 0; i < _batch.Count; i++)
            {
                if (_batch.Drop(i) is var reason and not DropReason.None)
                {
                    counters.OutDrops(reason)++;
                    bytes -= _batch.Length(i);
                }
            }
        }
        counters.OutFrames += _batch.Count - _batch.Refused;
        counters.OutBytes += bytes;
        _batch.Clear();
    }
}
