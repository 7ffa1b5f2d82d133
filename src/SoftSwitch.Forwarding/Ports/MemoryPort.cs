using System.Collections.Concurrent;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Ports;

/// <summary>
/// A port whose other end is in this process: tests, fuzzers and the lab's last rung put frames in at one side and take them out at the other, and between
/// is the same dataplane as everywhere. Frames wait in pooled buffers in a queue of bounded length each way; a full queue drops, as a tap's does.
/// Any thread may use the other end.
/// </summary>
public sealed class MemoryPort(string name, PortOffloads offloads = PortOffloads.None, int mtu = 1500, int workers = 1, int queueLength = 1024)
    : Port(name, mtu, workers)
{
    private readonly ConcurrentQueue<OwnedFrame> _toSwitch = new();
    private readonly ConcurrentQueue<OwnedFrame> _fromSwitch = new();

    public override PortOffloads Offloads { get; } = offloads;

    public override int OffloadHeaderLength => Offloads == PortOffloads.None ? 0 : VirtioNetHeader.Size;

    /// <summary>Puts a frame in, without an offload header.</summary>
    /// <returns>False when the queue is full.</returns>
    public bool Send(ReadOnlySpan<byte> frame) => Send(default, frame);

    /// <summary>Puts a frame in, with the offload header that a tap would deliver with it.</summary>
    /// <returns>False when the queue is full.</returns>
    public bool Send(VirtioNetHeader offload, ReadOnlySpan<byte> frame)
    {
        if (_toSwitch.Count >= queueLength)
            return false;
        var owned = OwnedFrame.Pool.Get();
        owned.Offload = offload;
        owned.Clear();
        owned.Append(frame);
        _toSwitch.Enqueue(owned);
        return true;
    }

    /// <summary>Takes a frame out, if one is there; give it back with <see cref="Return"/>.</summary>
    public bool TryTake(out OwnedFrame frame) => _fromSwitch.TryDequeue(out frame!);

    /// <summary>Gives a frame that was taken back to the pool.</summary>
    public static void Return(OwnedFrame frame) => OwnedFrame.Pool.Return(frame);

    public override bool Receive(Burst burst)
    {
        while (burst.Room > 0 && _toSwitch.TryDequeue(out var owned))
        {
            owned.TryAddTo(burst);
            OwnedFrame.Pool.Return(owned);
        }
        return !_toSwitch.IsEmpty;
    }

    public override unsafe void Transmit(TransmitBatch batch)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            if (_fromSwitch.Count >= queueLength)
            {
                batch.Refuse(i, DropReason.QueueFull);
                continue;
            }
            var owned = OwnedFrame.Pool.Get();
            owned.Clear();
            var pieces = new ReadOnlySpan<IoVector>(batch.Vectors(i), batch.VectorCount(i));
            owned.Offload = OffloadHeaderLength == 0 ? default : *(VirtioNetHeader*)pieces[0].Start;
            owned.Append(pieces[0].Bytes[OffloadHeaderLength..]);
            foreach (var piece in pieces[1..])
                owned.Append(piece.Bytes);
            _fromSwitch.Enqueue(owned);
        }
    }
}
