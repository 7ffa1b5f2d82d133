using System.Net.Sockets;
using System.Text;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Relays;

/// <summary>
/// Relays TCP connections: bytes both ways, the end of one direction as the end of that direction, a reset as a reset. Each connection has
/// at most one buffer a direction, and none while nothing is on its way, so that the slower end slows the faster one. Runs on the thread
/// pool. A client that gets no place is told by a reset.
/// </summary>
/// <param name="interfaceName">What connections leave by; null: whatever leads there.</param>
/// <param name="failed">Told what should not have happened: the other connections go on.</param>
/// <param name="max">Connections at a time, of all ports together.</param>
internal sealed class TcpRelay(string? interfaceName, Action<Exception> failed, int max)
{
    /// <summary>How long a guest has to answer.</summary>
    internal static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(30);

    internal TcpRelay(string? interfaceName, Action<Exception> failed)
        : this(interfaceName, failed, (int)long.Min(MachineLimits.Connections.Most, OpenFiles.Limit / 4))
    {
    }

    private readonly byte[]? _device = interfaceName is null ? null : Encoding.UTF8.GetBytes(interfaceName);
    private long _target;
    private long _refused;
    private int _connections;
    private int _forwards;

    /// <summary>Where connections go, on the same port as they came.</summary>
    internal Ipv4Address Target
    {
        get => new((uint)Volatile.Read(ref _target));
        set => Volatile.Write(ref _target, value.Value);
    }

    /// <summary>The ports that connections come from.</summary>
    internal RelayPorts From { get; set; } = RelayPorts.Any;

    internal long Refused => Volatile.Read(ref _refused);

    /// <summary>Accepts on a socket that listens until what this returns is disposed, which also ends the connections.</summary>
    internal IDisposable Serve(Socket listener, int port) => new TcpForward(this, listener, port);

    /// <summary>A port is there that may want places.</summary>
    internal void Join() => Interlocked.Increment(ref _forwards);

    /// <summary>It wants none any more.</summary>
    internal void Part() => Interlocked.Decrement(ref _forwards);

    /// <summary>Takes a place for one connection; false: there is none, and that is counted. No port has more than half of all.</summary>
    /// <param name="ofPort">Connections of the port.</param>
    /// <param name="hasRoom">The process has descriptors to spare.</param>
    internal bool TryEnter(ref int ofPort, bool hasRoom = true)
    {
        var (own, all) = (Interlocked.Increment(ref ofPort) - 1, Interlocked.Increment(ref _connections) - 1);
        if (hasRoom && own < max / 2 && SharedPlaces.HasRoom(all, max, own, Volatile.Read(ref _forwards)))
            return true;
        Leave(ref ofPort);
        Interlocked.Increment(ref _refused);
        return false;
    }

    /// <summary>Something at a connection or a port that should not have happened.</summary>
    internal void Tell(Exception e) => failed(e);

    internal void Leave(ref int ofPort)
    {
        Interlocked.Decrement(ref ofPort);
        Interlocked.Decrement(ref _connections);
    }

    /// <summary>A socket that can leave only by the way to the host.</summary>
    internal static Socket Towards(SocketType type, ProtocolType protocol, ReadOnlySpan<byte> device)
    {
        var socket = new Socket(AddressFamily.InterNetwork, type, protocol);
        try
        {
            if (!device.IsEmpty)
                socket.SetRawSocketOption(SysSocket.SOL_SOCKET, SysSocket.SO_BINDTODEVICE, device);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    internal Socket Towards()
    {
        var socket = Towards(SocketType.Stream, ProtocolType.Tcp, _device);
        try
        {
            From.BindToConnect(socket);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
