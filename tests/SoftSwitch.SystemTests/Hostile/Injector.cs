using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints.Tap;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Packets;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Hostile;

/// <summary>Where hostile frames come into a port, each with an offload header of whatever is in it, as far as the kernel takes
/// it.</summary>
internal sealed unsafe class Injector : IDisposable
{
    private const int Header = VirtioNetHeader.LegacySize;

    private readonly SafeFileHandle _handle;
    private readonly byte[] _bytes = GC.AllocateArray<byte>(Header + 110_000, pinned: true);

    private Injector(SafeFileHandle handle) => _handle = handle;

    /// <summary>Frames that the kernel took.</summary>
    public long Taken { get; private set; }

    /// <summary>As the guest that holds a tap.</summary>
    public static Injector Guest(NetNs host, string tap) => In(host, () => TapDevice.Attach(tap, 0));

    /// <summary>By an interface: a tap's or a veth's, or the other end of a NIC's cable.</summary>
    public static Injector Interface(NetNs space, string name) => In(space, () =>
    {
        var fd = SystemCallException.ThrowIfNegative(
            Libc.socket(SysSocket.AF_PACKET, SysSocket.SOCK_RAW | SysSocket.SOCK_CLOEXEC | SysSocket.SOCK_NONBLOCK, 0), "socket", name);
        var on = 1;
        SystemCallException.ThrowIfNegative(
            Libc.setsockopt(fd, IfPacket.SOL_PACKET, IfPacket.PACKET_VNET_HDR, &on, sizeof(int)), "PACKET_VNET_HDR", name);
        var address = new IfPacket.sockaddr_ll
        {
            sll_family = SysSocket.AF_PACKET, sll_ifindex = (int)Libc.if_nametoindex(name),
        };
        SystemCallException.ThrowIfNegative(Libc.bind(fd, &address, (uint)sizeof(IfPacket.sockaddr_ll)), "bind", name);
        return new(fd, ownsHandle: true);
    });

    public void Send(ReadOnlySpan<byte> frame, VirtioNetHeader offload)
    {
        MemoryMarshal.AsBytes(new Span<VirtioNetHeader>(ref offload))[..Header].CopyTo(_bytes);
        frame.CopyTo(_bytes.AsSpan(Header));
        fixed (byte* start = _bytes)
        {
            if (Libc.write((int)_handle.DangerousGetHandle(), start, (nuint)(Header + frame.Length)) > 0)
                Taken++;
        }
    }

    public void Dispose() => _handle.Dispose();

    private static Injector In(NetNs ns, Func<SafeFileHandle> open)
    {
        using var space = NetworkNamespace.Open(ns.Path);
        return new(space.Run(open));
    }
}
