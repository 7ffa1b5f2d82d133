using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Packets;

namespace SoftSwitch.Lab;

/// <summary>
/// A ping of our own: a raw ICMP socket (RFC 792, RFC 4443) inside a station's namespace, so that nothing need be installed there. Used by
/// one thread.
/// </summary>
internal sealed class EchoProbe : IDisposable
{
    private const byte Ipv4Request = 8, Ipv4Reply = 0, Ipv6Request = 128, Ipv6Reply = 129;
    private const int HeaderLength = 8;

    /// <summary>An identifier of ours: nobody else pings in a namespace that we made, so any will do.</summary>
    private const ushort Identifier = 0x5353;

    private readonly bool _isIpv6;
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[2048];

    public EchoProbe(NetworkNamespace space, bool isIpv6)
    {
        _isIpv6 = isIpv6;
        _socket = space.Run(() => isIpv6
            ? new Socket(AddressFamily.InterNetworkV6, SocketType.Raw, ProtocolType.IcmpV6)
            : new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Icmp));
        _socket.Bind(new IPEndPoint(isIpv6 ? IPAddress.IPv6Any : IPAddress.Any, 0));
    }

    /// <summary>Asks once. An address that can't be asked for is one that doesn't answer.</summary>
    public void Ask(IPAddress address, ushort sequence)
    {
        Span<byte> message = stackalloc byte[HeaderLength + 56];
        message.Clear();
        message[0] = _isIpv6 ? Ipv6Request : Ipv4Request;
        BinaryPrimitives.WriteUInt16BigEndian(message[4..], Identifier);
        BinaryPrimitives.WriteUInt16BigEndian(message[6..], sequence);
        // Over IPv6 the kernel does this, with the addresses that it chose (RFC 3542, 3.1).
        if (!_isIpv6)
            BinaryPrimitives.WriteUInt16BigEndian(message[2..], InternetChecksum.Of(message));
        try
        {
            _socket.SendTo(message, new IPEndPoint(address, 0));
        }
        catch (SocketException)
        {
        }
    }

    /// <summary>Waits for an answer.</summary>
    /// <returns>Whose, and to which question; null: none came in time.</returns>
    public (IPAddress Address, ushort Sequence)? Listen(TimeSpan wait)
    {
        var clock = Stopwatch.StartNew();
        EndPoint from = new IPEndPoint(_isIpv6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        for (var left = wait; left > TimeSpan.Zero; left = wait - clock.Elapsed)
        {
            if (!_socket.Poll(left, SelectMode.SelectRead))
                return null;
            var message = _buffer.AsSpan(0, _socket.ReceiveFrom(_buffer, ref from));
            if (!_isIpv6 && message.Length > 0)
                message = message[int.Min((message[0] & 15) * 4, message.Length)..];
            if (message.Length >= HeaderLength && message[0] == (_isIpv6 ? Ipv6Reply : Ipv4Reply)
                && BinaryPrimitives.ReadUInt16BigEndian(message[4..]) == Identifier)
            {
                return (new IPAddress(((IPEndPoint)from).Address.GetAddressBytes()), BinaryPrimitives.ReadUInt16BigEndian(message[6..]));
            }
        }
        return null;
    }

    public void Dispose() => _socket.Dispose();
}
