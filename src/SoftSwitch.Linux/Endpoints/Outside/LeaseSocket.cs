using System.Runtime.InteropServices;
using SoftSwitch.Linux.Endpoints.PacketSockets;
using SoftSwitch.Linux.Filters;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Endpoints.Outside;

/// <summary>
/// Where a client of DHCP that is ours speaks with servers on a NIC's LAN: a packet socket beside the port of its station, which has no
/// address as long as it asks. It hears what comes from the wire, and nothing that this host or a guest of a switch here says.
/// </summary>
public sealed unsafe class LeaseSocket : IDisposable
{
    /// <summary>Bytes of the longest frame that is read: a message fits one of the usual MTU.</summary>
    public const int FrameSize = 1514;

    private const int Header = VirtioNetHeader.LegacySize;

    private readonly PacketSocket _socket;

    private LeaseSocket(PacketSocket socket) => _socket = socket;

    /// <summary>Opens it. Call on a thread in the interface's namespace.</summary>
    /// <param name="interfaceName">For messages.</param>
    /// <param name="index">The interface.</param>
    /// <param name="mac">The client's.</param>
    /// <param name="isUplink">The interface is the uplink of a bridged network: what is sent isn't that network's.</param>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public static LeaseSocket Open(string interfaceName, int index, MacAddress mac, bool isUplink) =>
        new(PacketSocket.Open(interfaceName, index, new()
        {
            OwnMac = mac,
            Mark = isUplink ? SocketMark.Port : SocketMark.Lan,
            Filter = OutsideFilter.Leased(mac).Program,
        }));

    /// <summary>Readable when there is a frame.</summary>
    public int Fd => _socket.Fd;

    /// <summary>Takes a frame, if there is one.</summary>
    /// <param name="room">Of <see cref="FrameSize"/>.</param>
    /// <param name="frame">In there.</param>
    /// <param name="isSummed">Its checksum is complete: one that has been on a wire.</param>
    public bool TryRead(Span<byte> room, out ReadOnlySpan<byte> frame, out bool isSummed)
    {
        frame = default;
        isSummed = true;
        Span<byte> bytes = stackalloc byte[Header + FrameSize];
        nint length;
        fixed (byte* first = bytes)
            length = Libc.read(Fd, first, (nuint)bytes.Length);
        if (length < 0)
            return false;
        // SAFETY: the older header is the beginning of the newer one, which is written whole.
        var offload = default(VirtioNetHeader);
        bytes[..Header].CopyTo(MemoryMarshal.AsBytes(new Span<VirtioNetHeader>(ref offload)));
        isSummed = !offload.NeedsChecksum;
        var received = bytes[int.Min(Header, (int)length)..(int)length];
        received.CopyTo(room);
        frame = room[..received.Length];
        return true;
    }

    /// <summary>Sends a frame. Where it can't be sent nobody is reached, and nobody answers.</summary>
    public void Say(ReadOnlySpan<byte> frame)
    {
        Span<byte> bytes = stackalloc byte[Header + frame.Length];
        bytes[..Header].Clear();
        frame.CopyTo(bytes[Header..]);
        fixed (byte* first = bytes)
            _ = Libc.write(Fd, first, (nuint)bytes.Length);
    }

    /// <summary>Has it, which takes the kernel long to close, stay open until the program that goes on has another.</summary>
    public void Hold(Inheritance heir) => _socket.Hold(heir);

    public void Dispose() => _socket.Dispose();
}
