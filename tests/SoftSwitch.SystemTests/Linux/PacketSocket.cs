using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.SystemTests.Linux;

/// <summary>A plain packet socket on one interface, opened in the calling thread's namespace.</summary>
internal sealed unsafe class PacketSocket : IDisposable
{
    private readonly SafeFileHandle _handle;

    internal PacketSocket(int index, uint mark)
    {
        var protocol = BinaryPrimitives.ReverseEndianness(If.ETH_P_ALL);
        var fd = SystemCallException.ThrowIfNegative(
            Libc.socket(SysSocket.AF_PACKET, SysSocket.SOCK_RAW | SysSocket.SOCK_CLOEXEC | SysSocket.SOCK_NONBLOCK, 0), "socket", "test");
        _handle = new(fd, ownsHandle: true);
        if (mark != 0)
            SystemCallException.ThrowIfNegative(
                Libc.setsockopt(fd, SysSocket.SOL_SOCKET, SysSocket.SO_MARK, &mark, sizeof(uint)), "SO_MARK", "test");
        var address = new IfPacket.sockaddr_ll { sll_family = SysSocket.AF_PACKET, sll_protocol = protocol, sll_ifindex = index };
        SystemCallException.ThrowIfNegative(Libc.bind(fd, &address, (uint)sizeof(IfPacket.sockaddr_ll)), "bind", "test");
    }

    private int Fd => (int)_handle.DangerousGetHandle();

    internal void Send(byte[] frame)
    {
        fixed (byte* start = frame)
        {
            // ENOBUFS: dropped by a filter, as the kernel tells it.
            if (Libc.send(Fd, start, (nuint)frame.Length, 0) < 0)
                Assert.Equal(Errno.ENOBUFS, System.Runtime.InteropServices.Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>All that waits, in a few words each.</summary>
    internal List<string> Received()
    {
        var all = new List<string>();
        var buffer = new byte[2048];
        fixed (byte* start = buffer)
        {
            while (Libc.recv(Fd, start, (nuint)buffer.Length, 0) is > 0 and var length)
                all.Add(GuestTap.Words(buffer.AsSpan(0, (int)length)));
        }
        return all;
    }

    public void Dispose() => _handle.Dispose();
}
