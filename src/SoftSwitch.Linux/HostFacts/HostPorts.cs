using System.Collections.Concurrent;
using System.Globalization;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.HostFacts;

/// <summary>
/// Which ports of the shared address the host uses itself: a translation gives way to these. The kernel tells nobody when a program binds a
/// port, so this asks it about once a second, for the pool's ports alone; ports in any state count, those of IPv6 sockets that hear IPv4
/// too. Used by the control loop alone.
/// </summary>
/// <param name="inside">The namespace; null: the calling thread's.</param>
public sealed class HostPorts(NetworkNamespace? inside = null) : IDisposable
{
    /// <summary>Who has a socket, by its inode: finding out is a look at all that every process has open, and whoever waits for a port asks
    /// again and again.</summary>
    private static readonly ConcurrentDictionary<uint, string?> s_owners = new();

    private readonly SocketDiagnosis _diagnosis = new(inside);
    private HashSet<(TransportPort Port, uint Interface, bool IsConnected)> _found = [];
    private HashSet<TransportPort> _inUse = [];

    /// <summary>The ports found in use by the last <see cref="Poll"/>.</summary>
    public IReadOnlySet<TransportPort> InUse => _inUse;

    /// <summary>Those of them with a socket that hears everybody, whatever others there are beside: anybody can connect to it.</summary>
    public IReadOnlySet<TransportPort> Listening => _found.Where(found => !found.IsConnected).Select(found => found.Port).ToHashSet();

    /// <summary>Those of them whose sockets hear an interface: one that is bound to another is in nobody's way there.</summary>
    /// <param name="index">The interface.</param>
    public IReadOnlySet<TransportPort> InUseAt(int index) =>
        _found.Where(found => found.Interface == 0 || found.Interface == index).Select(found => found.Port).ToHashSet();

    /// <summary>Looks anew.</summary>
    /// <param name="address">The shared address: a socket bound to another one is in nobody's way. Null: each one counts.</param>
    /// <param name="pool">The ports that matter.</param>
    /// <param name="others">The host's other addresses at which forwards are asked; left out: there are none.</param>
    /// <param name="forwards">The ports that matter there.</param>
    /// <returns>True when something changed.</returns>
    /// <exception cref="SystemCallException">The kernel can't tell (no tcp_diag or udp_diag); what was known stays.</exception>
    public bool Poll(Ipv4Address? address, IReadOnlyCollection<TransportPorts> pool,
        IReadOnlyCollection<Ipv4Address>? others = null, IReadOnlyCollection<TransportPorts>? forwards = null)
    {
        var found = new HashSet<(TransportPort Port, uint, bool)>();
        foreach (var protocol in (ReadOnlySpan<byte>)[IpProtocol.Tcp, IpProtocol.Udp])
        {
            var ranges = TransportPorts.Merge([.. pool, .. forwards ?? []], protocol);
            if (ranges.Count == 0)
                continue;
            foreach (var socket in _diagnosis.List(protocol, ranges[0].First, ranges[^1].Last))
            {
                if ((IsIn(pool, protocol, socket.Port) && (address is not { } heard || socket.Hears(heard)))
                    || (IsIn(forwards, protocol, socket.Port) && others?.Any(socket.Hears) == true))
                    found.Add((new(protocol, socket.Port), socket.Interface, socket.IsConnected));
            }
        }
        if (found.SetEquals(_found))
            return false;
        (_found, _inUse) = (found, [.. found.Select(socket => socket.Port)]);
        return true;
    }

    private static bool IsIn(IReadOnlyCollection<TransportPorts>? ranges, byte protocol, int port) =>
        ranges?.Any(range => range.Protocol == protocol && range.Contains(port)) == true;

    /// <summary>Who has a port, for a message; nothing when nobody has, or it can't be told.</summary>
    internal static IReadOnlyList<PortHolder> Holders(TransportPort port)
    {
        try
        {
            using var diagnosis = new SocketDiagnosis();
            if (s_owners.Count > MachineLimits.SocketOwners.Most)
                s_owners.Clear();
            return
            [
                .. diagnosis.List(port.Protocol, port.Port, port.Port)
                    .Select(socket => new PortHolder(socket.Address, s_owners.GetOrAdd(socket.Inode, SocketOwner.Find))),
            ];
        }
        catch (SystemCallException)
        {
            return [];
        }
    }

    /// <summary>What was found out with rights that the program which this process executes next has no more, in a line.</summary>
    public static string LeaveOwners() => string.Join('\t',
        s_owners.Where(one => one.Value is not null).Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Key} {one.Value}")));

    public static void AdoptOwners(string left)
    {
        foreach (var one in left.Split('\t', StringSplitOptions.RemoveEmptyEntries))
        {
            if (one.Split(' ', 2) is [var inode, var owner] && uint.TryParse(inode, CultureInfo.InvariantCulture, out var number))
                s_owners[number] = owner;
        }
    }

    /// <summary>
    /// The first port of a forward that a program of the host serves where the forward is; null: none, or it can't be told. A socket that
    /// hears one other end alone is in nobody's way: the kernel chooses ports for such sockets all the time.
    /// </summary>
    internal static ForwardedPort? FirstIn(ForwardedPorts forward)
    {
        try
        {
            var range = forward.Ports;
            using var diagnosis = new SocketDiagnosis();
            var first = diagnosis.List(range.Protocol, range.First, range.Last)
                .Where(socket => !socket.IsConnected && (forward.On is not { } on || socket.Hears(on)))
                .Select(socket => (int?)socket.Port).Min();
            return first is { } port ? new(new(range.Protocol, port), forward.On) : null;
        }
        catch (SystemCallException)
        {
            return null;
        }
    }

    public void Dispose() => _diagnosis.Dispose();
}
