using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Privileges;
using SoftSwitch.Linux.Ports;
using static SoftSwitch.Linux.Interop.NetinetIn;

namespace SoftSwitch.Linux.Outside.Forwards;

/// <summary>
/// Wide ranges of forwarded UDP ports, without a socket for each: what the host sends to itself goes by its loopback interface, and a packet socket there hears the
/// ranges' packets, whichever of its addresses they are for. Answers go the same way from a raw socket, with the address and port that were spoken to. So a range costs the same
/// whether it has a hundred ports or twenty thousand.
/// <para>
/// The host's stack must not answer for these ports: the <see cref="PortGuard"/> drops their packets, behind the packet socket. A program that binds one of
/// them hears nothing.
/// </para>
/// </summary>
internal sealed class UdpRanges : UdpEntrance
{
    private const string Loopback = "lo";

    private readonly PacketSocket _heard;
    private readonly SafeFileHandle _said;

    private UdpRanges(UdpRelay relay, ulong token, PacketSocket heard, SafeFileHandle said) : base(relay, token) => (_heard, _said) = (heard, said);

    /// <exception cref="SystemCallException">The kernel refused.</exception>
    internal static UdpRanges Open(UdpRelay relay, IReadOnlyCollection<TransportPorts> ranges, ulong token)
    {
        var said = Said();
        try
        {
            var index = (int)Libc.if_nametoindex(Loopback);
            return new(relay, token, PacketSocket.Open(Loopback, index, new() { Filter = WireFilter.Loopback(ranges).Program }), said);
        }
        catch
        {
            said.Dispose();
            throw;
        }
    }

    internal override int Fd => _heard.Fd;

    internal override bool TryTake(UdpDatagrams datagrams, out UdpClientId? client, out UdpPayload payload) => datagrams.TryTakePacket(Fd, out client, out payload);

    internal override void Answer(UdpDatagrams datagrams, UdpClientId client, int length) =>
        datagrams.AnswerByPacket((int)_said.DangerousGetHandle(), client, length);

    internal override void Close()
    {
        _heard.Dispose();
        _said.Dispose();
    }

    /// <summary>A socket for packets that are ready but for their checksum (raw(7)), which leave by no interface but the loopback.</summary>
    private static unsafe SafeFileHandle Said()
    {
        var fd = Libc.socket(SysSocket.AF_INET, SysSocket.SOCK_RAW | SysSocket.SOCK_CLOEXEC | SysSocket.SOCK_NONBLOCK, IPPROTO_RAW);
        if (fd < 0)
            SystemCallException.ThrowLast("socket", "raw socket", Remedy.Lacking(Capability.NetRaw));
        var handle = new SafeFileHandle(fd, ownsHandle: true);
        fixed (byte* name = "lo\0"u8)
        {
            if (Libc.setsockopt(fd, SysSocket.SOL_SOCKET, SysSocket.SO_BINDTODEVICE, name, 3) < 0)
            {
                handle.Dispose();
                SystemCallException.ThrowLast("SO_BINDTODEVICE", "raw socket");
            }
        }
        return handle;
    }
}
