using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>
/// A VPN without cryptography: a tun in the host and one in the server's namespace, and a thread that carries packets between them. Nothing
/// of it is seen on the host's NIC, so whatever is seen there went beside it.
/// <code>
///   host: vpn 10.8.0.2 ═══ this thread ═══ far: vpn 10.8.0.1
/// </code>
/// </summary>
internal sealed class TunVpn : IDisposable
{
    public const string HostAddress = "10.8.0.2", FarAddress = "10.8.0.1";

    private const int IffTun = 1, LongestPacket = 65_536, PauseMilliseconds = 1;

    private readonly SafeFileHandle _host, _far;
    private readonly Thread _carrier;
    private volatile bool _stopping;

    public TunVpn(NetNs host, NetNs far)
    {
        (_host, _far) = (Open(host, $"{HostAddress}/24"), Open(far, $"{FarAddress}/24"));
        _carrier = new(Carry) { IsBackground = true };
        _carrier.Start();
    }

    public void Dispose()
    {
        if (_stopping)
            return;
        _stopping = true;
        _carrier.Join();
        _host.Dispose();
        _far.Dispose();
    }

    private static unsafe SafeFileHandle Open(NetNs ns, string address)
    {
        using var space = NetworkNamespace.Open(ns.Path);
        var handle = space.Run(() =>
        {
            var fd = Libc.open("/dev/net/tun", Fcntl.O_RDWR | Fcntl.O_NONBLOCK | Fcntl.O_CLOEXEC);
            Assert.True(fd >= 0);
            var request = new If.ifreq { ifr_flags = IffTun | IfTun.IFF_NO_PI };
            // SAFETY: shorter than a name may be.
            Encoding.UTF8.GetBytes("vpn", new Span<byte>(request.ifr_name, If.IFNAMSIZ - 1));
            Assert.True(Libc.ioctl(fd, IfTun.TUNSETIFF, &request) >= 0, $"{Marshal.GetLastPInvokeError()}");
            return new SafeFileHandle(fd, ownsHandle: true);
        });
        ns.Check($"ip addr add {address} dev vpn");
        ns.Up("vpn");
        return handle;
    }

    private void Carry()
    {
        var packet = new byte[LongestPacket];
        while (!_stopping)
        {
            if (!Pass(_host, _far, packet) & !Pass(_far, _host, packet))
                Thread.Sleep(PauseMilliseconds);
        }
    }

    private static unsafe bool Pass(SafeFileHandle from, SafeFileHandle to, byte[] packet)
    {
        // SAFETY: as many bytes as there are.
        fixed (byte* bytes = packet)
        {
            // Nothing waits, or the interface is down.
            var length = Libc.read((int)from.DangerousGetHandle(), bytes, (nuint)packet.Length);
            return length > 0 && Libc.write((int)to.DangerousGetHandle(), bytes, (nuint)length) > 0;
        }
    }
}
