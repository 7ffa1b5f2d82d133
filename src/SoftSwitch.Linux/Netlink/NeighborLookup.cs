using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.Rtnetlink;

namespace SoftSwitch.Linux.Netlink;

/// <summary>Asks the kernel what it knows of one neighbor (RTM_GETNEIGH, Linux 5.0), which needs no right. One thread at a time.</summary>
public sealed class NeighborLookup : IDisposable
{
    private const int RequestSize = 128;

    private readonly NetlinkSocket _socket;
    private readonly MessageHandler _read;
    private NeighborAnswer _answer;

    /// <param name="inside">The namespace to ask in; left out, the calling thread's.</param>
    public NeighborLookup(NetworkNamespace? inside = null)
    {
        _socket = new(inside: inside);
        _read = (type, payload) =>
        {
            if (type == RTM_NEWNEIGH)
                _answer = Read(payload);
        };
    }

    /// <summary>What is known of it now. Where the kernel refuses, that is nothing.</summary>
    public NeighborAnswer Ask(int index, Ipv6Address address)
    {
        var request = new MessageBuilder(stackalloc byte[RequestSize], RTM_GETNEIGH, 0);
        request.Append(new ndmsg { ndm_family = SysSocket.AF_INET6, ndm_ifindex = index });
        Span<byte> bytes = stackalloc byte[Ipv6Address.Size];
        address.Write(bytes);
        request.Put(NDA_DST, bytes);
        _answer = default;
        return _socket.Ask(request.Message, "RTM_GETNEIGH", "a neighbor", _read) == 0 ? _answer : default;
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>Reads the payload of an RTM_NEWNEIGH that answers; a broken one knows nothing.</summary>
    internal static NeighborAnswer Read(ReadOnlySpan<byte> payload) =>
        !MemoryMarshal.TryRead(payload, out ndmsg header) ? default
            : new(NeighborInfo.Read(payload) is { } known ? known.Mac : null,
                (header.ndm_state & (NUD_REACHABLE | NUD_PERMANENT)) != 0);
}
