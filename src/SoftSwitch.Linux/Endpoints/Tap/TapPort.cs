using System.Runtime.InteropServices;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Linux.Workers;

namespace SoftSwitch.Linux.Endpoints.Tap;

/// <summary>
/// The descriptor's side of a tap: one frame a system call, its offload header in front. A read brings a frame's first bytes right into a
/// head and the rest, where there is one, into a body. The kernel takes what is written with every offload that it knows, so nothing is
/// finished here. Writing needs no lock: the kernel takes frames of several workers side by side.
/// </summary>
public sealed unsafe class TapPort : DevicePort
{
    private readonly TapDevice _device;
    private volatile KeptFrames? _kept;

    public TapPort(string name, int mtu, int workers, TapDevice device) : base(name, mtu, workers)
    {
        _device = device;
        Watch(device.Fd);
        // A kernel that hands us UDP super-frames also takes them; one that doesn't know them takes the rest.
        Offloads = (device.Offloads & IfTun.TUN_F_USO4) != 0 ? PortOffloads.All : PortOffloads.All & ~PortOffloads.UdpSegments;
        if ((device.Offloads & IfTun.TUN_F_UDP_TUNNEL_GSO) != 0)
            Offloads |= PortOffloads.UdpTunnels | PortOffloads.UdpTunnelChecksums | PortOffloads.OddTunnels;
    }

    public override PortOffloads Offloads { get; }

    public override int OffloadHeaderLength => Frame.HeadRoom;

    public override bool Receive(Burst burst)
    {
        if (_kept is { } kept)
        {
            kept.TakeFrom(_device.Fd);
            if (kept.GiveTo(burst))
                return true;
            _kept = null;
        }
        var fd = _device.Fd;
        var pieces = stackalloc IoVector[2];
        while (burst.Room > 0)
        {
            byte* head = burst.HeadOf(0), body = burst.BodyOf(0);
            pieces[0] = new(head - Frame.HeadRoom, Frame.HeadRoom + Burst.HeadCapacity);
            pieces[1] = new(body, Burst.BodyCapacity);
            var read = (int)Libc.readv(fd, pieces, 2);
            if (read > Frame.HeadRoom)
            {
                burst.Add(read - Frame.HeadRoom, body);
            }
            else if (read < 0)
            {
                var errno = Marshal.GetLastPInvokeError();
                if (errno is Errno.EAGAIN or Errno.EINTR)
                    return errno == Errno.EINTR;
                if (errno == Errno.EINVAL)
                {
                    // That one frame is lost, its offload work can't be said; the others are not.
                    burst.AddLost(DropReason.OffloadUnsupported);
                    continue;
                }
                if (burst.Count > 0)
                    return true; // The next call says it again, with nothing in hand.
                throw new PortFailedException(
                    $"tap {_device.Name} is gone ({ErrnoName.Of(errno)}): its interface or its namespace was removed");
            }
        }
        return true;
    }

    /// <summary>Leaves the tap to the program that goes on in this process, and has it read meanwhile.</summary>
    internal void Leave(Inheritance heir, string key)
    {
        heir.Leave(key, _device.Handle);
        heir.Caretaker?.Read(key, _device.Handle, _kept, frames => _kept = frames);
    }

    /// <summary>The tap is one that the program before has left: what came meanwhile is this port's.</summary>
    internal void Inherit(Inheritance from, string key) => from.Caretaker?.Await(key, frames => _kept = frames);

    public override void Transmit(TransmitBatch batch)
    {
        var fd = _device.Fd;
        for (var i = 0; i < batch.Count; i++)
        {
            if (Libc.writev(fd, batch.Vectors(i), batch.VectorCount(i)) < 0)
                batch.Refuse(i, Reason(Marshal.GetLastPInvokeError()));
        }
    }

    private static DropReason Reason(int errno) => errno switch
    {
        Errno.EAGAIN or Errno.ENOBUFS or Errno.ENOMEM => DropReason.QueueFull,
        Errno.EIO or Errno.EBADFD or Errno.ENETDOWN => DropReason.PortDown,
        _ => DropReason.TransmitFailed,
    };

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _device.Dispose();
    }
}
