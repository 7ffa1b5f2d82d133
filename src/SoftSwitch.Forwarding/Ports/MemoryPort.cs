using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Ports;

/// <summary>
/// A port whose other end is in this process: tests, fuzzers and the lab's last rung put frames in at one side and take them out at the
/// other, and between is the same dataplane as everywhere. Frames wait in pooled buffers in a queue of bounded length each way; a full
/// queue drops, as a tap's does. Any thread may use the other end.
/// </summary>
/// <param name="name">As in the configuration.</param>
/// <param name="offloads">What the other end finishes by itself.</param>
/// <param name="mtu">The longest packet that may leave, in bytes.</param>
/// <param name="workers">Workers there will be.</param>
/// <param name="queueLength">Frames that wait each way.</param>
/// <param name="lendsFrom">
/// Bytes of a frame that are copied into its head; the rest is lent until the turn has ended, as a port with shared memory does, and is
/// nonsense from then on. Null: nothing is lent.
/// </param>
public sealed unsafe class MemoryPort(
    string name, PortOffloads offloads = PortOffloads.None, int mtu = 1500, int workers = 1, int queueLength = 1024, int? lendsFrom = null)
    : Port(name, mtu, workers)
{
    private readonly IoVector[] _pieces = lendsFrom is null ? [] : GC.AllocateArray<IoVector>(2 * Burst.Capacity, pinned: true);
    private readonly List<(OwnedFrame Frame, MemoryHandle Memory)> _lent = [];
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
            if (owned.Bytes.Length > lendsFrom)
            {
                Lend(burst, owned, lendsFrom.Value);
                continue;
            }
            owned.TryAddTo(burst);
            OwnedFrame.Pool.Return(owned);
        }
        return !_toSwitch.IsEmpty;
    }

    public override void Release()
    {
        foreach (var (frame, memory) in _lent)
        {
            memory.Dispose();
            frame.Contents.Fill(0xEE);
            OwnedFrame.Pool.Return(frame);
        }
        _lent.Clear();
    }

    public override void Transmit(TransmitBatch batch)
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

    /// <summary>Lends the rest in two pieces, for a frame in a guest's memory may lie in several.</summary>
    private void Lend(Burst burst, OwnedFrame owned, int headLength)
    {
        var memory = owned.Pin();
        owned.Bytes[..headLength].CopyTo(new Span<byte>(burst.HeadOf(0), headLength));
        int rest = owned.Bytes.Length - headLength, half = rest / 2;
        var start = (byte*)memory.Pointer + headLength;
        var pieces = (IoVector*)Unsafe.AsPointer(ref _pieces[2 * _lent.Count]);
        pieces[0] = new(start, half);
        pieces[1] = new(start + half, rest - half);
        burst.Add(headLength, pieces, 2).Offload = owned.Offload;
        _lent.Add((owned, memory));
    }
}
