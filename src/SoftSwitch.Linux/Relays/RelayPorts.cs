using System.Net;
using System.Net.Sockets;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Relays;

/// <summary>
/// Which local ports the relays' sockets have. A guest sees the host's address as the source of two things: of what a relay brings, and of
/// what another guest sends by a forward from inside (a hairpin), which comes from a port of the pool or of a forward. If a relay had such
/// a port, too, the two would look alike and answers would go astray. So where the kernel chooses from our ports as well, the relays choose
/// among the others. Immutable.
/// </summary>
internal sealed class RelayPorts
{
    /// <summary>If fewer than this are left of the kernel's ports, relays use all others that need no privilege, too.</summary>
    private const int Enough = 1024;

    private const int FirstUnprivileged = 1024;

    /// <summary>Ports that are tried: a program of the host may have one.</summary>
    private const int Attempts = 16;

    /// <summary>The kernel chooses.</summary>
    internal static readonly RelayPorts Any = new([]);

    private readonly ushort[] _ports;

    private RelayPorts(ushort[] ports) => _ports = ports;

    /// <summary>Reads what the kernel of this namespace chooses from.</summary>
    /// <param name="ours">Ports of the pools and the forwards, of one protocol.</param>
    internal static RelayPorts Beside(IReadOnlyCollection<TransportPorts> ours) =>
        EphemeralPorts.Read() is var (ephemeral, reserved) ? Beside(ours, ephemeral, reserved) : Any;

    internal static RelayPorts Beside(
        IReadOnlyCollection<TransportPorts> ours, TransportPorts ephemeral, IReadOnlyCollection<TransportPorts> reserved)
    {
        if (!ours.Any(range => range.First <= ephemeral.Last && range.Last >= ephemeral.First))
            return Any;
        bool IsFree(int port) => !ours.Any(range => range.Contains(port)) && !reserved.Any(range => range.Contains(port));
        var free = Enumerable.Range(ephemeral.First, ephemeral.Count).Where(IsFree).ToArray();
        if (free.Length < Enough)
            free = [.. Enumerable.Range(FirstUnprivileged, ushort.MaxValue + 1 - FirstUnprivileged).Where(IsFree)];
        return new([.. free.Select(port => (ushort)port)]);
    }

    internal bool Contains(int port) => Array.BinarySearch(_ports, (ushort)port) >= 0;

    /// <summary>Binds a socket to one of them, or to one of the kernel's choice where all that are tried are taken.</summary>
    internal void Bind(Socket socket)
    {
        for (var attempt = 0; attempt < Attempts && _ports.Length > 0; attempt++)
        {
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Any, _ports[Random.Shared.Next(_ports.Length)]));
                return;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Another one may be free.
            }
        }
        socket.Bind(new IPEndPoint(IPAddress.Any, 0));
    }

    /// <summary>The same for a socket that connects next: where the kernel's choice is as good, connecting binds it.</summary>
    internal void BindToConnect(Socket socket)
    {
        if (_ports.Length > 0)
            Bind(socket);
    }
}
