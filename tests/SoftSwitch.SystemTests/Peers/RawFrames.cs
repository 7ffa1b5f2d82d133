using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;

namespace SoftSwitch.SystemTests.Peers;

/// <summary>Sends frames as they are from an interface in a namespace, whatever is in them: what no honest program would.</summary>
internal static class RawFrames
{
    /// <summary>Sends <paramref name="count"/> frames, each written by <paramref name="write"/> into a buffer that keeps what was
    /// there.</summary>
    public static unsafe void Send(NetNs from, string interfaceName, int count, int length, Action<int, byte[]> write)
    {
        Need.RealRoot("frames that the test itself sends");
        using var space = NetworkNamespace.Open(from.Path);
        space.Run(() =>
        {
            var fd = Libc.socket(SysSocket.AF_PACKET, SysSocket.SOCK_RAW | SysSocket.SOCK_CLOEXEC, 0);
            Assert.True(fd >= 0, $"socket: errno {Marshal.GetLastPInvokeError()}");
            try
            {
                var address = new IfPacket.sockaddr_ll { sll_family = SysSocket.AF_PACKET,
                    sll_ifindex = (int)Libc.if_nametoindex(interfaceName) };
                var frame = new byte[length];
                for (var i = 0; i < count; i++)
                {
                    write(i, frame);
                    fixed (byte* bytes = frame)
                    {
                        // A full queue is no mistake of a flood.
                        if (Libc.sendto(fd, bytes, (nuint)length, 0, &address, (uint)sizeof(IfPacket.sockaddr_ll)) < 0)
                            Assert.Equal(Errno.ENOBUFS, Marshal.GetLastPInvokeError());
                    }
                }
            }
            finally
            {
                _ = Libc.close(fd);
            }
        });
    }
}
