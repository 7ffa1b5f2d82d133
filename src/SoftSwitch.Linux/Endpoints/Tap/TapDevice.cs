using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Keeping;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.IfTun;

namespace SoftSwitch.Linux.Endpoints.Tap;

/// <summary>
/// The descriptor's side of a tap (linux/if_tun.h): one frame a read or write, each behind a <see cref="VirtioNetHeader"/>.
/// A kernel that doesn't know the end of that header doesn't read or write it.
/// Non-blocking. The interface goes when this is disposed, unless it is persistent.
/// </summary>
public sealed unsafe class TapDevice : IDisposable
{
    private readonly SafeFileHandle _handle;

    private TapDevice(SafeFileHandle handle, string name, uint offloads)
    {
        _handle = handle;
        Name = name;
        Offloads = offloads;
    }

    /// <summary>The descriptor, valid until this is disposed.</summary>
    public int Fd
    {
        get
        {
            ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
            return (int)_handle.DangerousGetHandle();
        }
    }

    /// <summary>The interface's name.</summary>
    public string Name { get; }

    /// <summary>What a read may return unfinished: the TUN_F_* mask that the kernel accepted.</summary>
    public uint Offloads { get; }

    /// <summary>Taps can be made here, as far as opening their device shows.</summary>
    public static bool IsAvailable
    {
        get
        {
            var fd = Opening.Tun.Do();
            return fd >= 0 && Libc.close(fd) == 0;
        }
    }

    /// <summary>Makes a new tap; the name must be free.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="inside">The namespace that it is made in; null: the calling thread's.</param>
    /// <exception cref="SystemCallException">It can't be made; the message says the cure.</exception>
    /// <exception cref="ArgumentException">Linux takes no such name.</exception>
    public static TapDevice Open(string name, NetworkNamespace? inside = null)
    {
        var handle = Attach(name, IFF_TUN_EXCL, inside);
        try
        {
            var fd = (int)handle.DangerousGetHandle();
            SystemCallException.ThrowIfNegative(SetHeaderSize(fd), nameof(TUNSETVNETHDRSZ), name);
            return new(handle, name, OfferOffloads(fd, name));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Goes on with a tap that the program before this one has held in this process.</summary>
    /// <param name="handle">Its descriptor, the new device's from here on.</param>
    /// <param name="name">For messages.</param>
    /// <exception cref="SystemCallException">It holds none any more.</exception>
    internal static TapDevice Inherit(SafeFileHandle handle, string name)
    {
        try
        {
            var request = default(If.ifreq);
            SystemCallException.ThrowIfNegative(
                Libc.ioctl((int)handle.DangerousGetHandle(), TUNGETIFF, &request), nameof(TUNGETIFF), $"tap {name}");
            return new(handle, name, OfferOffloads((int)handle.DangerousGetHandle(), name));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>For who keeps it open across an execution.</summary>
    internal SafeFileHandle Handle => _handle;

    public void Dispose() => _handle.Dispose();

    /// <summary>Opens the device and holds the tap of this name, made now or there already.</summary>
    internal static SafeFileHandle Attach(string name, int flags, NetworkNamespace? inside = null)
    {
        InterfaceName.Check(name);
        var handle = NetworkNamespace.Open(inside, Opening.Tun, Opening.TunPath, static errno => errno switch
        {
            Errno.ENOENT or Errno.ENODEV or Errno.ENXIO => "load it with: modprobe tun; a container needs --device /dev/net/tun",
            Errno.EACCES => $"{Remedy.Here.Root}, or as root: chmod 0666 {Opening.TunPath}",
            Errno.EPERM => "a container needs --device /dev/net/tun",
            _ => null,
        });
        var fd = (int)handle.DangerousGetHandle();
        var request = new If.ifreq { ifr_flags = unchecked((short)(IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | flags)) };
        // SAFETY: the name was checked to be at most IFNAMSIZ - 1 bytes, so a zero stays behind it.
        Encoding.UTF8.GetBytes(name, new Span<byte>(request.ifr_name, If.IFNAMSIZ - 1));
        if (Libc.ioctl(fd, TUNSETIFF, &request) < 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            handle.Dispose();
            throw new SystemCallException(nameof(TUNSETIFF), errno, $"tap {name}", errno switch
            {
                Errno.EPERM => $"{Remedy.Here.Capability(Capability.NetAdmin)}; a persistent tap may be held by its owner",
                Errno.EBUSY => "an interface of this name exists or another program holds it; choose another name",
                Errno.EINVAL => "an interface of this name exists and is no tap; choose another name",
                _ => null,
            });
        }
        return handle;
    }

    private static int SetHeaderSize(int fd)
    {
        var size = VirtioNetHeader.Size;
        return Libc.ioctl(fd, TUNSETVNETHDRSZ, &size);
    }

    /// <summary>Offers all offloads that there are, then fewer: older kernels know less, and refuse the whole mask for one unknown
    /// bit.</summary>
    private static uint OfferOffloads(int fd, string name)
    {
        const uint tso = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6;
        const uint uso = tso | TUN_F_TSO_ECN | TUN_F_USO4 | TUN_F_USO6;
        const uint all = uso | TUN_F_UDP_TUNNEL_GSO | TUN_F_UDP_TUNNEL_GSO_CSUM;
        foreach (var mask in (ReadOnlySpan<uint>)[all, uso, tso | TUN_F_TSO_ECN, tso, TUN_F_CSUM, 0])
        {
            if (Libc.ioctl(fd, TUNSETOFFLOAD, (nint)mask) >= 0)
                return mask;
        }
        SystemCallException.ThrowLast(nameof(TUNSETOFFLOAD), name);
        return 0;
    }
}
