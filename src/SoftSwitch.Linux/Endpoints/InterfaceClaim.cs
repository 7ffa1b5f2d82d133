using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Succession;
using static SoftSwitch.Linux.Interop.IfPacket;
using static SoftSwitch.Linux.Interop.SysSocket;

namespace SoftSwitch.Linux.Endpoints;

/// <summary>
/// That one switch has an interface, told to every other: two that carried the same guest or uplink would join their networks, and each
/// frame would arrive twice.
/// </summary>
/// <remarks>
/// It is a packet socket on the interface that hears nothing, of a protocol that no frame has; the kernel lists it, in
/// <c>/proc/net/packet</c>, to whoever is in the same namespace, in other containers too. So it is the interface's, whatever its name
/// becomes, nobody without CAP_NET_RAW can be in the way, and it goes with the process. Two that come at one moment see each other, and
/// both give way: they come again. Call on a thread in the interface's namespace.
/// </remarks>
internal sealed unsafe class InterfaceClaim : IDisposable
{
    /// <summary>No frame has a type below 0x600, and linux/if_ether.h gives this number to nothing.</summary>
    private const ushort Protocol = 0x0157;

    private const string ProtocolWord = "0157";

    /// <summary>Who has an interface, by its number: whoever waits for it asks again and again, and finding the process of a socket is
    /// a look at all that every process has open.</summary>
    private static readonly ConcurrentDictionary<int, (uint Inode, string? Owner)> s_owners = new();

    private readonly SafeFileHandle _socket;

    private InterfaceClaim(SafeFileHandle socket) => _socket = socket;

    /// <exception cref="SystemCallException">Another switch has it; the message says who.</exception>
    public static InterfaceClaim Take(string interfaceName, int index)
    {
        var fd = Libc.socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0)
            SystemCallException.ThrowLast("socket", $"packet socket on {interfaceName}", Remedy.Lacking(Capability.NetRaw));
        var claim = new InterfaceClaim(new(fd, ownsHandle: true));
        try
        {
            var address = new sockaddr_ll
            {
                sll_family = AF_PACKET,
                sll_protocol = BinaryPrimitives.ReverseEndianness(Protocol),
                sll_ifindex = index,
            };
            SystemCallException.ThrowIfNegative(
                Libc.bind(fd, &address, (uint)sizeof(sockaddr_ll)), "bind", $"packet socket on {interfaceName}");
            if (Sockets(index, areClaims: true, Inode(fd)) is [var other, ..])
            {
                throw new SystemCallException("bind", Errno.EBUSY, $"interface {interfaceName}",
                    $"another switch has it: {Owner(index, other) ?? "one whose process can't be seen from here"}; "
                    + "end it there, or choose another interface");
            }
            s_owners.TryRemove(index, out _);
            return claim;
        }
        catch
        {
            claim.Dispose();
            throw;
        }
    }

    /// <summary>One that the program before this one has taken in this process.</summary>
    public static InterfaceClaim Inherit(SafeFileHandle socket) => new(socket);

    /// <summary>Leaves it to the program that goes on in this process.</summary>
    public void Leave(Inheritance heir, string name) => heir.Leave(name, _socket);

    /// <summary>Some switch that runs has it.</summary>
    public static bool IsTaken(int index) => Sockets(index, areClaims: true).Count > 0;

    /// <summary>Some program has a packet socket on it that is no claim: a switch that makes none yet, a capture.</summary>
    public static bool IsHeard(int index) => Sockets(index, areClaims: false).Count > 0;

    public void Dispose() => _socket.Dispose();

    private static string? Owner(int index, uint inode)
    {
        if (!s_owners.TryGetValue(index, out var known) || known.Inode != inode)
            s_owners[index] = known = (inode, SocketOwner.Find(inode));
        return known.Owner;
    }

    /// <summary>The inodes of the packet sockets on an interface that are claims, but for one's own, or of those that are none.</summary>
    private static List<uint> Sockets(int index, bool areClaims, uint own = 0)
    {
        var others = new List<uint>();
        var place = string.Create(CultureInfo.InvariantCulture, $" {index} ");
        try
        {
            // sk RefCnt Type Proto Iface R Rmem User Inode (packet_seq_show in net/packet/af_packet.c); thousands are usual.
            foreach (var line in File.ReadLines("/proc/thread-self/net/packet"))
            {
                if (line.Contains(place, StringComparison.Ordinal) && line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is
                    [_, _, _, var word, var at, _, _, _, var inode] && at == place.Trim() && (word == ProtocolWord) == areClaims
                    && uint.TryParse(inode, CultureInfo.InvariantCulture, out var one) && one != own)
                    others.Add(one);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without procfs nobody is seen.
        }
        return others;
    }

    private static uint Inode(int fd)
    {
        Fcntl.statx stat;
        byte empty = 0;
        // SAFETY: both pointers are to locals that outlive the call; struct statx is 256 bytes as the kernel writes it.
        SystemCallException.ThrowIfNegative(
            Libc.statx(fd, &empty, Fcntl.AT_EMPTY_PATH, Fcntl.STATX_INO, &stat), "statx", "a packet socket");
        return (uint)stat.stx_ino;
    }
}
