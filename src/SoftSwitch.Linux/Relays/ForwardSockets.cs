using System.Net;
using System.Net.Sockets;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Relays;

/// <summary>
/// The listening sockets of forwarded ports, one each, which keep the ports from every other program. What another program has stays its
/// own, and can be asked for again: one port that is taken keeps no other from being forwarded. Wide ranges of UDP have no sockets
/// (<see cref="UdpRanges"/>). Used by the control loop alone, but for <see cref="Refused"/>.
/// </summary>
public sealed class ForwardSockets : IDisposable
{
    private readonly Dictionary<TransportPort, Socket> _taken = [];
    private volatile Dictionary<TransportPort, SystemCallException> _refused = [];

    /// <summary>The ports that can't be had now, and why, with who has them. Replaced whole. For any thread.</summary>
    public IReadOnlyDictionary<TransportPort, SystemCallException> Refused => _refused;

    internal IReadOnlyDictionary<TransportPort, Socket> Taken => _taken;

    /// <summary>How many there are for these forwards.</summary>
    public static long CountOf(IReadOnlyCollection<TransportPorts> forwards) =>
        forwards.Where(range => !range.IsWide).Sum(range => (long)range.Count);

    /// <summary>Takes those of these ports that it doesn't have yet and can have.</summary>
    /// <returns>True when it has got some, or others are refused than before.</returns>
    public bool Take(IReadOnlyCollection<TransportPorts> forwards)
    {
        var (before, refused) = (_taken.Count, new Dictionary<TransportPort, SystemCallException>());
        foreach (var port in forwards.Where(range => !range.IsWide).SelectMany(range => range.Each()))
        {
            try
            {
                if (!_taken.ContainsKey(port))
                    _taken.Add(port, Listen(port));
            }
            catch (SystemCallException e)
            {
                refused.TryAdd(port, e);
            }
        }
        var isNews = _taken.Count != before || refused.Count != _refused.Count || refused.Keys.Any(port => !_refused.ContainsKey(port));
        _refused = refused;
        return isNews;
    }

    /// <summary>Ports of wide ranges that programs of the host serve, the first of each range.</summary>
    public static IReadOnlyList<SystemCallException> TakenOfWide(IReadOnlyCollection<TransportPorts> forwards) =>
        [.. forwards.Where(range => range.IsWide).Select(HostPorts.FirstIn).OfType<TransportPort>().Select(Taker)];

    /// <summary>Somebody else has closed it.</summary>
    internal void Forget(TransportPort port) => _taken.Remove(port);

    public void Dispose()
    {
        foreach (var socket in _taken.Values)
            socket.Dispose();
        _taken.Clear();
    }

    /// <summary>
    /// All addresses, and nobody else: SO_REUSEADDR, which the framework sets for TCP, only lets a port be had again while old connections
    /// of it are dying, and gives no port to two that listen.
    /// </summary>
    private static Socket Listen(TransportPort port)
    {
        OpenFiles.RequireRoom(1);
        var isTcp = port.Protocol == IpProtocol.Tcp;
        Socket? socket = null;
        try
        {
            socket = isTcp
                ? new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
                : new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            if (!isTcp)
            {
                socket.ReceiveBufferSize = MachineLimits.Datagrams.Most;
                socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.PacketInformation, true);
            }
            socket.Bind(new IPEndPoint(IPAddress.Any, port.Port));
            if (isTcp)
                socket.Listen(MachineLimits.WaitingConnections.Most);
            return socket;
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            throw Refusal(port, e);
        }
    }

    private static SystemCallException Taker(TransportPort port)
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
            SocketError.AddressAlreadyInUse => Taker(port),
            SocketError.AccessDenied => new("bind", Errno.EACCES, subject,
                "a port below 1024 takes root, CAP_NET_BIND_SERVICE, or another net.ipv4.ip_unprivileged_port_start"),
            SocketError.TooManyOpenSockets => new("socket", Errno.EMFILE, subject),
            _ => new("bind", e.NativeErrorCode, subject),
        };
    }
}
