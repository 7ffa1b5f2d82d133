using System.Buffers.Binary;
using System.Collections.Concurrent;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Linux;

/// <summary>
/// A port as shared memory has it: queues, each with an eventfd by which the other end says that it has frames, but only while it was asked
/// to. The rest of a frame is not copied but lent.
/// </summary>
internal sealed unsafe class RingPort(string name, MacAddress mac) : DevicePort(name, 1500, 1), IPolledPort
{
    private readonly ConcurrentQueue<byte[]> _frames = new();
    private readonly ConcurrentQueue<byte[]> _received = new();
    private volatile bool _isArmed;

    public MacAddress Mac => mac;

    /// <summary>Called at the moment of arming, before it counts.</summary>
    public Action? Arming { private get; set; }

    /// <summary>Called when somebody looks for frames.</summary>
    public Action? Looking { private get; set; }

    /// <summary>Called before frames are taken over.</summary>
    public Action? Transmitting { private get; set; }

    /// <summary>What happened, in its order.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    public override PortOffloads Offloads => PortOffloads.None;

    public override int OffloadHeaderLength => 0;

    public bool HasFrames
    {
        get
        {
            Looking?.Invoke();
            return !_frames.IsEmpty;
        }
    }

    /// <summary>Opens a queue.</summary>
    /// <param name="ready">What is done when it was kicked; left out, what must be.</param>
    /// <returns>Its eventfd.</returns>
    public int Open(Func<bool>? ready = null)
    {
        var kick = Libc.eventfd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK);
        Assert.True(kick >= 0);
        Watch(kick, ready ?? (() => Take(kick)));
        return kick;
    }

    /// <summary>Has a descriptor that the kernel can't watch.</summary>
    public void OpenUnwatchable() => Watch(-1);

    /// <summary>Ends a queue.</summary>
    public void Close(int kick)
    {
        Unwatch(kick);
        Assert.Equal(0, Libc.close(kick));
    }

    /// <summary>The other end puts a frame in, and kicks if it was asked to.</summary>
    public void Send(MacAddress to, int kick)
    {
        Put(to);
        Interlocked.MemoryBarrier();
        if (_isArmed)
            Kick(kick);
    }

    /// <summary>The same without a kick.</summary>
    /// <param name="number">By which the frame is known at the other end; left out, it isn't.</param>
    public void Put(MacAddress to, int number = 0)
    {
        var frame = new byte[64];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(^sizeof(int)..), number);
        to.Write(frame);
        mac.Write(frame.AsSpan(MacAddress.Size));
        _frames.Enqueue(frame);
    }

    public static void Kick(int kick)
    {
        var one = 1UL;
        Assert.Equal(sizeof(ulong), (int)Libc.write(kick, &one, sizeof(ulong)));
    }

    public void Arm()
    {
        Arming?.Invoke();
        _isArmed = true;
        Interlocked.MemoryBarrier();
    }

    /// <summary>Waits for a frame; false when none has come for very long.</summary>
    public bool Hear() => SpinWait.SpinUntil(() => _received.TryDequeue(out _), TimeSpan.FromSeconds(60));

    /// <summary>The numbers of the frames that have come since the last call.</summary>
    public IEnumerable<int> Heard()
    {
        while (_received.TryDequeue(out var frame))
            yield return BinaryPrimitives.ReadInt32BigEndian(frame.AsSpan(^sizeof(int)..));
    }

    public override bool Receive(Burst burst)
    {
        _isArmed = false;
        while (burst.Room > 0 && _frames.TryDequeue(out var frame))
        {
            frame.CopyTo(new Span<byte>(burst.HeadOf(0), frame.Length));
            burst.Add(frame.Length, null).Offload = default;
        }
        if (burst.Count > 0)
            Calls.Enqueue("received");
        return HasFrames;
    }

    public override void Release()
    {
        if (Calls.LastOrDefault() is "received" or "transmitted")
            Calls.Enqueue("released");
    }

    public override void Transmit(TransmitBatch batch)
    {
        Transmitting?.Invoke();
        for (var i = 0; i < batch.Count; i++)
            _received.Enqueue(batch.Vectors(i)->Bytes.ToArray());
    }

    private static bool Take(int kick)
    {
        ulong count;
        return Libc.read(kick, &count, sizeof(ulong)) == sizeof(ulong);
    }
}
