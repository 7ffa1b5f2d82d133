using System.Numerics;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>
/// What step 6 works with in one turn of one worker: the burst that came in, a second burst for frames that it makes itself (answers, errors, frames that have waited),
/// and the way back to step 5. The frames that it makes are bounded by their burst: when that is full, what would be made is not, and counts as a full queue.
/// </summary>
public sealed class Turn(int worker) : IDisposable
{
    private const ulong MulticastBit = 0x0100_0000_0000;

    private readonly List<Delivery> _sent = new(64);

    /// <summary>The frames that came in.</summary>
    public Burst Burst { get; private set; } = null!;

    /// <summary>The port that they came in by.</summary>
    public Port Input { get; private set; } = null!;

    /// <summary>The frames that were made.</summary>
    public Burst Made { get; } = new();

    public Instant Now { get; private set; }

    /// <summary>The number of the worker whose turn it is, for counters.</summary>
    public int Worker { get; } = worker;

    /// <summary>Where frames were sent in this turn.</summary>
    internal List<Delivery> Sent => _sent;

    internal void Begin(Burst burst, Port input, Instant now)
    {
        Burst = burst;
        Input = input;
        Now = now;
        Made.Clear();
        _sent.Clear();
    }

    /// <summary>Adds a frame without a body to <see cref="Made"/>, with zeros in it and an empty offload header.</summary>
    /// <param name="length">Bytes, at most <see cref="Burst.HeadCapacity"/>; a frame shorter than an Ethernet's shortest is padded.</param>
    /// <param name="index">Its place in <see cref="Made"/>.</param>
    /// <returns>False when the turn has made all that it can.</returns>
    public unsafe bool TryMake(int length, out int index)
    {
        index = Made.Count;
        if (Made.Room == 0)
            return false;
        length = int.Max(length, EthernetHeader.MinimumFrame);
        ref var frame = ref Made.Add(length, null);
        frame.HeadBytes.Clear();
        frame.Offload = new() { BufferCount = 1 };
        frame.PacketOffset = EthernetHeader.Size;
        return true;
    }

    /// <summary>
    /// Step 5 for a frame that an inner port says: decided in the bridge of <paramref name="from"/> by the destination that stands in its head now.
    /// </summary>
    /// <param name="source"><see cref="Burst"/> or <see cref="Made"/>.</param>
    /// <param name="index">The frame's place there.</param>
    /// <param name="from">Who says it.</param>
    public void Send(Burst source, int index, InnerPort from)
    {
        ref var frame = ref source[index];
        frame.Destination = MacAddress.Read(frame.HeadBytes).Value;
        ref var counters = ref from.Counters(Worker);
        counters.InFrames++;
        counters.InBytes += frame.Length;
        if (from.Bridge is not { } bridge || bridge.View is not { } view || view[from.Slot] != from)
        {
            counters.InDrops(DropReason.PortDown)++;
            return;
        }
        var slot = (frame.Destination & MulticastBit) != 0 ? (ushort)0 : bridge.Fdb.Lookup(frame.Destination, Now);
        if (slot != 0 && view[slot] is { } output)
        {
            // One inner port never answers another in the same turn: what they would say to each other has no end.
            if (output is InnerPort)
                counters.InDrops(DropReason.SamePort)++;
            else
                Gather(output, source, 1UL << index);
            return;
        }
        if (view.Ports.Length == 0)
            counters.InDrops(DropReason.NoReceiver)++;
        else
            counters.Copies += view.Ports.Length - 1;
        foreach (var port in view.Ports)
            Gather(port, source, 1UL << index);
    }

    /// <summary>The same by one port, wherever the destination is: for a question that only who is behind that port is asked.</summary>
    internal void SendBy(Port output, Burst source, int index, InnerPort from)
    {
        ref var counters = ref from.Counters(Worker);
        counters.InFrames++;
        counters.InBytes += source[index].Length;
        if (from.Bridge?.View is { } view && view[from.Slot] == from && output.Bridge == from.Bridge && view[output.Slot] == output)
            Gather(output, source, 1UL << index);
        else
            counters.InDrops(DropReason.PortDown)++;
    }

    public void Dispose() => Made.Dispose();

    private void Gather(Port output, Burst source, ulong frames)
    {
        for (var i = _sent.Count - 1; i >= 0; i--)
        {
            if (_sent[i].Output == output && _sent[i].Source == source)
            {
                _sent[i] = _sent[i] with { Frames = _sent[i].Frames | frames };
                return;
            }
        }
        _sent.Add(new(output, frames, source));
    }
}
