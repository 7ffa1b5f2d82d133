using System.Collections.Concurrent;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Workers;

namespace SoftSwitch.Tests.Linux;

/// <summary>A port behind which a cable may lead to another, or back to itself: what it is sent comes in there.</summary>
internal sealed unsafe class CablePort : DevicePort
{
    private const int QueueLength = 500;

    private readonly ConcurrentQueue<byte[]> _waiting = new();
    private readonly int _kick = Libc.eventfd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK);
    private long _heard;

    public CablePort(string name) : base(name, 1500, 1) => Watch(_kick, Take);

    /// <summary>Where the cable leads to; null: nowhere.</summary>
    public CablePort? Other { private get; set; }

    /// <summary>Called on the worker's thread when it is sent some.</summary>
    public Action? Transmitting { private get; set; }

    /// <summary>Frames that it was sent.</summary>
    public long Heard => Interlocked.Read(ref _heard);

    /// <summary>Nothing waits to be received.</summary>
    public bool IsEmpty => _waiting.IsEmpty;

    public override PortOffloads Offloads => PortOffloads.None;

    public override int OffloadHeaderLength => 0;

    /// <summary>A frame comes in.</summary>
    public bool Send(byte[] frame)
    {
        if (_waiting.Count >= QueueLength)
            return false;
        _waiting.Enqueue(frame);
        var one = 1UL;
        return Libc.write(_kick, &one, sizeof(ulong)) == sizeof(ulong);
    }

    public override bool Receive(Burst burst)
    {
        while (burst.Room > 0 && _waiting.TryDequeue(out var frame))
        {
            frame.CopyTo(new Span<byte>(burst.HeadOf(0), frame.Length));
            burst.Add(frame.Length, null).Offload = default;
        }
        return !_waiting.IsEmpty;
    }

    public override void Transmit(TransmitBatch batch)
    {
        Transmitting?.Invoke();
        Interlocked.Add(ref _heard, batch.Count);
        for (var i = 0; i < batch.Count; i++)
        {
            if (Other?.Send(batch.Vectors(i)->Bytes.ToArray()) == false)
                batch.Refuse(i, DropReason.QueueFull);
        }
    }

    private bool Take()
    {
        ulong count;
        return Libc.read(_kick, &count, sizeof(ulong)) == sizeof(ulong);
    }
}
