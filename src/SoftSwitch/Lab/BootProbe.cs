using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using System.Security.Cryptography;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;

namespace SoftSwitch.Lab;

/// <summary>
/// A client of DHCP of our own, as a guest has one at its boot (RFC 2131, 3.1): a socket inside a station's namespace, so that nothing need
/// be installed there. It asks until it is answered, or for some seconds.
/// </summary>
internal sealed class BootProbe : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(2);
    private static readonly IPEndPoint s_servers = new(IPAddress.Broadcast, DhcpHeader.ServerPort);

    private readonly Socket _socket;
    private readonly MacAddress _mac;
    private readonly uint _transaction = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint)));
    private readonly byte[] _message = new byte[2048];

    private BootProbe(Socket socket, MacAddress mac) => (_socket, _mac) = (socket, mac);

    /// <returns>Null: nobody has answered in time.</returns>
    public static LabLease? Boot(LabStation station, NetworkNamespace space, CancellationToken stop)
    {
        using var links = new Links(space);
        if (links.Find(station.Interface) is not { } link)
            return null;
        using var probe = new BootProbe(space.Run(() => InterfaceSocket.Open(station.Interface, DhcpHeader.ClientPort)), link.MacAddress);
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < s_patience && !stop.IsCancellationRequested;)
        {
            if (probe.Ask(DhcpMessageType.Discover, default, default) is { Type: DhcpMessageType.Offer } offer
                && probe.Ask(DhcpMessageType.Request, offer.Lease.Address.Address, offer.Server) is { Type: DhcpMessageType.Ack } bound)
                return bound.Lease;
        }
        return null;
    }

    public void Dispose() => _socket.Dispose();

    private (DhcpMessageType Type, LabLease Lease, Ipv4Address Server)? Ask(DhcpMessageType type, Ipv4Address wanted, Ipv4Address server)
    {
        var writer = new DhcpWriter(_message.AsSpan(0, DhcpHeader.MinimumSize), DhcpHeader.Request, mayOverload: false);
        BinaryPrimitives.WriteUInt32BigEndian(writer.Header[DhcpHeader.TransactionOffset..], _transaction);
        BinaryPrimitives.WriteUInt16BigEndian(writer.Header[DhcpHeader.FlagsOffset..], DhcpHeader.BroadcastFlag);
        _mac.Write(writer.Header[DhcpHeader.HardwareAddressOffset..]);
        writer.TryAdd(DhcpOption.MessageType, (byte)type);
        if (type == DhcpMessageType.Request)
        {
            writer.TryAdd(DhcpOption.RequestedAddress, wanted);
            writer.TryAdd(DhcpOption.ServerIdentifier, server);
        }
        writer.TryAdd(DhcpOption.ParameterRequestList, [DhcpOption.SubnetMask, DhcpOption.Router, DhcpOption.DomainNameServer]);
        _socket.SendTo(_message.AsSpan(0, writer.Finish()), s_servers);
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < s_again;)
        {
            if (!_socket.Poll(s_again - clock.Elapsed, SelectMode.SelectRead))
                break;
            if (Read(_message.AsSpan(0, _socket.Receive(_message))) is { } answer)
                return answer;
        }
        return null;
    }

    private (DhcpMessageType Type, LabLease Lease, Ipv4Address Server)? Read(ReadOnlySpan<byte> bytes)
    {
        if (!DhcpMessage.TryRead(bytes, out var message) || message.Operation != DhcpHeader.Reply
            || message.Transaction != _transaction || message.HardwareAddress != _mac
            || !message.TryGetAddress(DhcpOption.ServerIdentifier, out var server))
            return null;
        message.TryGetUInt32(DhcpOption.SubnetMask, out var mask);
        var hasResolver = message.TryGetAddress(DhcpOption.DomainNameServer, out var resolver);
        return (message.Type, new(new(message.YourAddress, BitOperations.PopCount(mask)), hasResolver ? resolver : null), server);
    }
}
