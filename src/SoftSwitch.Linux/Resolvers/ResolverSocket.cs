using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace SoftSwitch.Linux.Resolvers;

/// <summary>
/// A socket of the host's for one question to one resolver. The kernel chooses its port at random, and lets nothing in but from there. By
/// TCP a message has its length before it (RFC 1035, 4.2.2). It never waits: <see cref="Fd"/> is to be watched. For one thread.
/// </summary>
public sealed class ResolverSocket : IDisposable
{
    private const ushort Port = 53;

    /// <summary>A message in TCP with its length.</summary>
    private const int MostBytes = sizeof(ushort) + ushort.MaxValue;

    private readonly Socket _socket;
    private readonly byte[]? _stream;
    private int _filled;

    private ResolverSocket(Socket socket, bool isStream)
    {
        _socket = socket;
        _stream = isStream ? new byte[MostBytes] : null;
    }

    public int Fd => (int)_socket.Handle;

    /// <summary>It is of TCP: <see cref="TrySend"/> once it is writable.</summary>
    public bool IsStream => _stream is not null;

    /// <summary>Makes one.</summary>
    /// <param name="server">Who is asked.</param>
    /// <param name="isStream">By TCP.</param>
    /// <returns>Null: there can't be one, or nothing leads there.</returns>
    public static ResolverSocket? Open(IPAddress server, bool isStream)
    {
        Socket? socket = null;
        try
        {
            socket = isStream ? new(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
                : new(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Blocking = false;
            Connect(socket, server);
            return new(socket, isStream);
        }
        catch (SocketException)
        {
            socket?.Dispose();
            return null;
        }
    }

    private static void Connect(Socket socket, IPAddress server)
    {
        try
        {
            socket.Connect(server, Port);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            // It is told when it is there.
        }
    }

    /// <summary>Says a message, whole.</summary>
    /// <returns>False: it can't be said.</returns>
    public bool TrySend(ReadOnlySpan<byte> message)
    {
        if (!IsStream)
            return _socket.Send(message, SocketFlags.None, out var error) == message.Length && error == SocketError.Success;
        var framed = new byte[sizeof(ushort) + message.Length];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)message.Length);
        message.CopyTo(framed.AsSpan(sizeof(ushort)));
        return _socket.Send(framed, SocketFlags.None, out var refused) == framed.Length && refused == SocketError.Success;
    }

    /// <summary>Takes a message.</summary>
    /// <param name="room">For one of the longest.</param>
    /// <returns>Its length; 0: there is none yet; negative: there will be none.</returns>
    public int Receive(Span<byte> room)
    {
        if (_stream is null)
        {
            var length = _socket.Receive(room, SocketFlags.None, out var error);
            return error == SocketError.Success ? length : error == SocketError.WouldBlock ? 0 : -1;
        }
        var received = _socket.Receive(_stream.AsSpan(_filled), SocketFlags.None, out var failed);
        if (failed == SocketError.WouldBlock)
            return 0;
        if (failed != SocketError.Success || received == 0)
            return -1;
        _filled += received;
        int whole = _filled < sizeof(ushort) ? 0 : BinaryPrimitives.ReadUInt16BigEndian(_stream);
        if (_filled < sizeof(ushort) || _filled < sizeof(ushort) + whole)
            return 0;
        _stream.AsSpan(sizeof(ushort), whole).CopyTo(room);
        return whole > 0 ? whole : -1;
    }

    public void Dispose() => _socket.Dispose();
}
