using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Endpoints.Outside;
using SoftSwitch.Linux.Endpoints.PacketSockets;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.NetinetIn;

namespace SoftSwitch.Linux.Relays;

/// <summary>
/// Wide ranges of forwarded UDP ports, without a socket for each: what the host sends to itself goes by its loopback interface, and a
/// packet socket there hears the ranges' packets, whichever of its addresses they are for. Answers go the same way from a raw socket, with
/// the address and port that were spoken to. So a range costs the same whether it has a hundred ports or twenty thousand.
/// <para>
/// The host's stack must not answer for these ports: the <see cref="PortGuard"/> drops their packets, behind the packet socket, but for
/// those that a program of the host has a socket for. The kernel chooses ports for the host's own programs from the ranges too. So what is
/// heard here may be for such a program: an answer to what it has said by this interface, or a question because it serves the port. Nothing
/// of that is for a guest.
/// </para>
/// </summary>
internal sealed class UdpRanges : UdpEntrance
{
    private const string Loopback = "lo";

    private readonly (TransportPorts Ports, UdpShare Share)[] _ranges;
    private readonly PacketSocket _heard;
    private readonly SafeFileHandle _said;
    private HashSet<UdpClientId> _spoken = [], _spokenBefore = [];

    private UdpRanges(UdpRelay relay, ulong token, IReadOnlyCollection<TransportPorts> ranges, PacketSocket heard, SafeFileHandle said)
        : base(relay, token) =>
        (_ranges, _heard, _said) = ([.. ranges.Select(range => (range, new UdpShare()))], heard, said);

    /// <param name="ranges">One for each forward.</param>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    internal static UdpRanges Open(UdpRelay relay, IReadOnlyCollection<TransportPorts> ranges, ulong token)
    {
        var said = Said();
        try
        {
            var index = (int)Libc.if_nametoindex(Loopback);
            var heard = PacketSocket.Open(Loopback, index, new() { Filter = OutsideFilter.Loopback(ranges).Program });
            return new(relay, token, ranges, heard, said);
        }
        catch
        {
            said.Dispose();
            throw;
        }
    }

    internal override int Fd => _heard.Fd;

    internal override int Forwards => _ranges.Length;

    internal override UdpShare ShareOf(int port) => _ranges.First(range => range.Ports.Contains(port)).Share;

    internal override bool TryTake(UdpDatagrams datagrams, out UdpClientId? client, out UdpPayload payload)
    {
        if (!datagrams.TryTakePacket(Fd, out client, out payload))
            return false;
        if (client is { } from && Find(from) is null && !MayBegin(from))
            client = null;
        return true;
    }

    internal override void Answer(UdpDatagrams datagrams, UdpClientId client, int length) =>
        datagrams.AnswerByPacket((int)_said.DangerousGetHandle(), client, length);

    internal override void Close()
    {
        _heard.Dispose();
        _said.Dispose();
    }

    /// <summary>What is heard may begin a client's conversation: it is neither between programs of the host, nor what we say here
    /// ourselves.</summary>
    private bool MayBegin(UdpClientId from)
    {
        var back = from.Reversed;
        if (Find(back) is not null)
            return false;
        if (_ranges.Any(range => range.Ports.Contains(from.LocalPort)))
            return !_spoken.Contains(back) && !_spokenBefore.Contains(back)
                && !HostPorts.Serves(new(IpProtocol.Udp, from.LocalPort), from.To);
        if (_spoken.Count >= MachineLimits.HostConversations.Most / 2)
            (_spoken, _spokenBefore) = ([], _spoken);
        _spoken.Add(from);
        return false;
    }

    /// <summary>A socket for packets that are ready but for their checksum (raw(7)), which leave by no interface but the
    /// loopback.</summary>
    internal static unsafe SafeFileHandle Said()
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
