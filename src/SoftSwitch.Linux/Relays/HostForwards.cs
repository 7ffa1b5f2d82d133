using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Relays;

/// <summary>
/// Makes forwards reachable from the host itself, on its own addresses and 127.0.0.1: a socket listens on each (see
/// <see cref="ForwardSockets"/>), and what arrives there is relayed to the link-local address of the way to the host, where the
/// translation leads it to the guest. A wide range of UDP ports, such as a telephone exchange has, costs no socket a port (see
/// <see cref="UdpRanges"/>).
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
    /// Serves exactly these ports from now on. One that stays isn't touched; with one that goes, its connections end.
    /// </summary>
    /// <param name="target">The link-local address of the way to the host.</param>
    /// <param name="forwards">What is forwarded.</param>
    /// <param name="sockets">Those that listen on it, but for wide ranges.</param>
    /// <param name="pool">Ports that the translation chooses from.</param>
    /// <exception cref="SystemCallException">The kernel refused wide ranges; everything stays as it was.</exception>
    public void Apply(
        Ipv4Address target, IReadOnlyCollection<TransportPorts> forwards, ForwardSockets sockets, IReadOnlyCollection<TransportPorts> pool)
    {
        TransportPorts[] wide = [.. forwards.Where(range => range.IsWide)];
        if (!wide.SequenceEqual(_wide))
            Exchange(wide);
        _tcp.Target = _udp.Target = target;
        _tcp.From = RelayPorts.Beside(TransportPorts.Merge([.. forwards, .. pool], IpProtocol.Tcp));
        _udp.From = RelayPorts.Beside(TransportPorts.Merge([.. forwards, .. pool], IpProtocol.Udp));
        var wanted = forwards.SelectMany(range => range.IsWide ? [] : range.Each()).ToHashSet();
        foreach (var gone in _listening.Keys.Where(port => !wanted.Contains(port)).ToArray())
        {
            _listening[gone].Dispose();
            _listening.Remove(gone);
            sockets.Forget(gone);
        }
        foreach (var (port, socket) in sockets.Taken.Where(one => !_listening.ContainsKey(one.Key)))
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
}
