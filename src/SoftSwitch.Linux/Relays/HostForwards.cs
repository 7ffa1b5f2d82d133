using System.Net;
using System.Net.Sockets;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Relays;

/// <summary>
/// Makes forwards reachable from the host itself, on its own addresses and 127.0.0.1, and keeps the ports from every other program: a
/// socket listens on each, and what arrives there is relayed to the link-local address of the way to the host, where the translation
/// leads it to the guest. A wide range of UDP ports, such as a telephone exchange has, costs no socket a port (<see cref="UdpRanges"/>).
/// <para>
/// The outside doesn't come this way: the NIC's packets to a forward are translated with their client's address, and the
/// <c>PortGuard</c> keeps them from these sockets. Forwarding threads have no part in it: TCP is relayed on the thread pool, UDP on
/// a thread of its own. Nothing here accepts from a guest what it couldn't have had directly, and nothing leads to the host's loopback:
/// relays only ever connect to the one address, by the one interface.
/// </para>
/// <para>Limits: the open files that the process may have, and those of <see cref="TcpRelay"/> and <see cref="UdpRelay"/>. Used by the
/// control loop alone.</para>
/// </summary>
public sealed class HostForwards : IDisposable
{
    private readonly Dictionary<TransportPort, IDisposable> _listening = [];
    private readonly TcpRelay _tcp;
    private readonly UdpRelay _udp;
    private TransportPorts[] _wide = [];
    private IDisposable? _ranges;

    /// <param name="interfaceName">The tap of the way to the host: relays leave by it and by no other interface. Null: by whichever leads
    /// there.</param>
    /// <param name="failed">Told what should not have happened to one connection or conversation: the others go on. Any thread.</param>
    public HostForwards(string? interfaceName, Action<Exception> failed)
    {
        _tcp = new(interfaceName, failed);
        _udp = new(interfaceName, failed);
    }

    /// <summary>Connections, and datagrams that would have begun a conversation, that a limit refused so far.</summary>
    public long Refused => _tcp.Refused + _udp.Refused;

    /// <summary>Conversations that the guest never answered and that gave way to others at a limit.</summary>
    public long GivenUp => _udp.GivenUp;

    /// <summary>
    /// Tries each port and gives it back. For the start, before privileges are given up: only then may other users' processes be looked
    /// into, to tell who has a port.
    /// </summary>
    /// <exception cref="SystemCallException">A port is taken, and by whom.</exception>
    public static void CheckFree(IReadOnlyCollection<TransportPorts> forwards)
    {
        foreach (var port in Ports(forwards))
            Listen(port).Dispose();
        foreach (var range in Wide(forwards))
        {
            if (HostPorts.FirstIn(range) is { } taken)
                throw Taken(taken);
        }
    }

    /// <summary>Sockets that listen, for so many forwards.</summary>
    public static long SocketsOf(IReadOnlyCollection<TransportPorts> forwards) =>
        forwards.Where(range => !range.IsWide).Sum(range => (long)range.Count);

    /// <summary>
    /// Listens on exactly these ports from now on. One that stays isn't touched; with one that goes, its connections end. When one can't be
    /// had, everything stays as it was.
    /// </summary>
    /// <param name="target">The link-local address of the way to the host.</param>
    /// <param name="forwards">What is forwarded.</param>
    /// <param name="pool">Ports that the translation chooses from.</param>
    /// <exception cref="SystemCallException">A port is taken, and by whom.</exception>
    public void Apply(Ipv4Address target, IReadOnlyCollection<TransportPorts> forwards, IReadOnlyCollection<TransportPorts> pool)
    {
        var (wanted, wide) = (Ports(forwards), Wide(forwards));
        var opened = new Dictionary<TransportPort, Socket>();
        try
        {
            foreach (var port in wanted.Where(port => !_listening.ContainsKey(port)))
                opened.Add(port, Listen(port));
            if (!wide.SequenceEqual(_wide))
                Exchange(wide);
        }
        catch
        {
            foreach (var socket in opened.Values)
                socket.Dispose();
            throw;
        }
        _tcp.Target = _udp.Target = target;
        _tcp.From = RelayPorts.Beside(TransportPorts.Merge([.. forwards, .. pool], IpProtocol.Tcp));
        _udp.From = RelayPorts.Beside(TransportPorts.Merge([.. forwards, .. pool], IpProtocol.Udp));
        foreach (var gone in _listening.Keys.Where(port => !wanted.Contains(port)).ToArray())
        {
            _listening[gone].Dispose();
            _listening.Remove(gone);
        }
        foreach (var (port, socket) in opened)
            _listening.Add(port, port.Protocol == IpProtocol.Tcp ? _tcp.Serve(socket, port.Port) : _udp.Serve(socket, port.Port));
    }

    /// <summary>Exchanges the wide ranges. Their conversations end, which is rare.</summary>
    private void Exchange(TransportPorts[] wide)
    {
        var ranges = wide.Length == 0 ? null : _udp.Serve(wide);
        _ranges?.Dispose();
        (_ranges, _wide) = (ranges, wide);
    }

    public void Dispose()
    {
        _ranges?.Dispose();
        foreach (var listening in _listening.Values)
            listening.Dispose();
        _listening.Clear();
        _udp.Dispose();
    }

    private static HashSet<TransportPort> Ports(IReadOnlyCollection<TransportPorts> forwards) =>
        [.. forwards.Where(range => !range.IsWide).SelectMany(range => range.Each())];

    private static TransportPorts[] Wide(IReadOnlyCollection<TransportPorts> forwards) =>
        [.. TransportPorts.Merge(forwards.Where(range => range.IsWide), IpProtocol.Udp)];

    /// <summary>
    /// All addresses, and nobody else: SO_REUSEADDR, which the framework sets for TCP, only lets a port be had again while old connections
    /// of it are dying, and gives no port to two that listen.
    /// </summary>
    private static Socket Listen(TransportPort port)
    {
        var isTcp = port.Protocol == IpProtocol.Tcp;
        Socket? socket = null;
        try
        {
            socket = isTcp
                ? new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
                : new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            if (!isTcp)
            {
                socket.ReceiveBufferSize = UdpRelay.QueueBytes;
                socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.PacketInformation, true);
            }
            socket.Bind(new IPEndPoint(IPAddress.Any, port.Port));
            if (isTcp)
                socket.Listen(TcpRelay.Backlog);
            return socket;
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            throw Refusal(port, e);
        }
    }

    private static SystemCallException Taken(TransportPort port)
    {
        var option = port.Protocol == IpProtocol.Tcp ? 't' : 'u';
        return new("bind", Errno.EADDRINUSE, Subject(port), HostPorts.Owner(port) is { } owner
            ? $"{owner} on the host has the port: end that, or forward another port"
            : $"another program on the host has the port, see: ss -Hlnp{option} sport = :{port.Port}");
    }

    private static string Subject(TransportPort port) => $"forward {new TransportPorts(port.Protocol, port.Port, port.Port)}";

    private static SystemCallException Refusal(TransportPort port, SocketException e)
    {
        var subject = Subject(port);
        return e.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse => Taken(port),
            SocketError.AccessDenied => new("bind", Errno.EACCES, subject,
                "a port below 1024 takes root, CAP_NET_BIND_SERVICE, or another net.ipv4.ip_unprivileged_port_start"),
            SocketError.TooManyOpenSockets => new("socket", Errno.EMFILE, subject),
            _ => new("bind", e.NativeErrorCode, subject),
        };
    }
}
