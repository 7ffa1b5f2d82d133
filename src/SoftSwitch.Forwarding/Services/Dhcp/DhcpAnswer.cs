using System.Buffers.Binary;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;

namespace SoftSwitch.Forwarding.Services.Dhcp;

/// <summary>What a client is answered, and how it gets there (RFC 2131, 4.1 and 4.3.1).</summary>
internal static class DhcpAnswer
{
    private const int Headers = Ipv4Header.MinimumSize + UdpHeader.Size, MostBytes = 1500 - Headers;

    /// <summary>Bytes of what a relay agent says, at most.</summary>
    private const int MostOfRelay = 255;

    /// <summary>Offers an address, or gives it, or only tells the rest.</summary>
    /// <param name="grant">Null: the client has an address of its own.</param>
    /// <param name="isRapid">It is given at once.</param>
    public static DropReason Send(in DhcpQuestion asked, DhcpScope scope, DhcpMessageType type, Grant? grant, bool isRapid = false)
    {
        var message = asked.Message;
        Span<byte> relay = stackalloc byte[MostOfRelay], file = stackalloc byte[MostBytes];
        var bytes = file[..LengthFor(message)];
        message.TryGet(DhcpOption.RelayAgentInformation, relay, out var relayed);
        // Where a file is named in its field, who reads that may not read options there.
        var writer = new DhcpWriter(bytes, DhcpHeader.Reply, mayOverload: scope.Boot is null, relayed);
        var header = writer.Header;
        WriteHeader(header, asked.Request.Transport[UdpHeader.Size..]);
        if (type == DhcpMessageType.Ack)
            message.ClientAddress.Write(header[DhcpHeader.ClientAddressOffset..]);
        grant?.Address.Write(header[DhcpHeader.YourAddressOffset..]);
        if (scope.Boot is { } boot)
        {
            boot.Server.Write(header[DhcpHeader.NextServerOffset..]);
            boot.File.Span.CopyTo(header[DhcpHeader.FileOffset..]);
        }
        WriteFirst(ref writer, asked, scope, type);
        if (grant is { } given)
        {
            var seconds = (uint)asked.Time(scope).TotalSeconds;
            writer.TryAdd(DhcpOption.LeaseTime, seconds);
            writer.TryAdd(DhcpOption.RenewalTime, seconds / 2);
            writer.TryAdd(DhcpOption.RebindingTime, (uint)(seconds * 7L / 8));
            if (isRapid)
                writer.TryAdd(DhcpOption.RapidCommit, []);
        }
        writer.TryAdd(DhcpOption.SubnetMask, scope.Subnet.Mask);
        WriteWanted(ref writer, message, scope, (grant?.Name ?? default).Span);
        return Send(asked, scope, bytes[..writer.Finish()], grant?.Address ?? default, isRefusal: false);
    }

    /// <summary>The client can't have the address that it wants.</summary>
    public static DropReason Refuse(in DhcpQuestion asked, DhcpScope scope)
    {
        var message = asked.Message;
        Span<byte> relay = stackalloc byte[MostOfRelay], bytes = stackalloc byte[LengthFor(message)];
        message.TryGet(DhcpOption.RelayAgentInformation, relay, out var relayed);
        var writer = new DhcpWriter(bytes, DhcpHeader.Reply, mayOverload: false, relayed);
        WriteHeader(writer.Header, asked.Request.Transport[UdpHeader.Size..]);
        if (message.Relay.Value != 0)
            BinaryPrimitives.WriteUInt16BigEndian(writer.Header[DhcpHeader.FlagsOffset..], DhcpHeader.BroadcastFlag);
        WriteFirst(ref writer, asked, scope, DhcpMessageType.Nak);
        writer.TryAdd(DhcpOption.Message, "this address isn't free here"u8);
        return Send(asked, scope, bytes[..writer.Finish()], default, isRefusal: true);
    }

    private static int LengthFor(in DhcpMessage message)
    {
        message.TryGetUInt16(DhcpOption.MaximumMessageSize, out var packet);
        return int.Clamp(packet - Headers, DhcpHeader.EveryClientTakes - Headers, MostBytes);
    }

    /// <summary>What comes back as it was: number, flags, relay agent, hardware address.</summary>
    private static void WriteHeader(Span<byte> header, ReadOnlySpan<byte> asked)
    {
        Copy(header, asked, DhcpHeader.TransactionOffset, sizeof(uint));
        Copy(header, asked, DhcpHeader.FlagsOffset, sizeof(ushort));
        Copy(header, asked, DhcpHeader.RelayOffset, Ipv4Address.Size);
        Copy(header, asked, DhcpHeader.HardwareAddressOffset, MacAddress.Size);
    }

    private static void Copy(Span<byte> to, ReadOnlySpan<byte> from, int offset, int length) =>
        from.Slice(offset, length).CopyTo(to[offset..]);

    /// <summary>What clients look for first; and the identifier, by which those behind one address know their answers (RFC 6842).</summary>
    private static void WriteFirst(ref DhcpWriter writer, in DhcpQuestion asked, DhcpScope scope, DhcpMessageType type)
    {
        writer.TryAdd(DhcpOption.MessageType, (byte)type);
        writer.TryAdd(DhcpOption.ServerIdentifier, scope.Server);
        Span<byte> room = stackalloc byte[DhcpClient.MostBytes];
        if (asked.Message.TryGet(DhcpOption.ClientIdentifier, room, out var id))
            writer.TryAdd(DhcpOption.ClientIdentifier, id);
    }

    /// <summary>In the client's order (RFC 2132, 9.8), routes first, as far as there is room; to who says no list, all.</summary>
    private static void WriteWanted(ref DhcpWriter writer, in DhcpMessage message, DhcpScope scope, ReadOnlySpan<byte> name)
    {
        Span<byte> room = stackalloc byte[byte.MaxValue];
        if (!message.TryGet(DhcpOption.ParameterRequestList, room, out var wanted))
        {
            foreach (var option in scope.Options)
                writer.TryAdd(option.Code, option.Value.Span);
            return;
        }
        // Who takes routes with a prefix length passes over the others, which stand among them (RFC 3442).
        var hasRoutes = wanted.Contains(DhcpOption.ClasslessRoutes) && scope.Find(DhcpOption.ClasslessRoutes) is { } routes
            && writer.TryAdd(routes.Code, routes.Value.Span);
        for (var i = 0; i < wanted.Length; i++)
        {
            var code = wanted[i];
            if (wanted[..i].Contains(code) || code == DhcpOption.ClasslessRoutes
                || (hasRoutes && code is DhcpOption.Router or DhcpOption.StaticRoutes))
                continue;
            if (code == DhcpOption.HostName && !name.IsEmpty)
                writer.TryAdd(code, name);
            else if (scope.Find(code) is { } option)
                writer.TryAdd(code, option.Value.Span);
        }
    }

    private static DropReason Send(
        in DhcpQuestion asked, DhcpScope scope, ReadOnlySpan<byte> bytes, Ipv4Address given, bool isRefusal)
    {
        var message = asked.Message;
        var request = asked.Request;
        var (mac, to, port) = message.Relay.Value != 0 ? (request.Sender, message.Relay, DhcpHeader.ServerPort)
            : isRefusal ? (MacAddress.Broadcast, Ipv4Address.Broadcast, DhcpHeader.ClientPort)
            : message.ClientAddress.Value != 0 ? (request.Sender, message.ClientAddress, DhcpHeader.ClientPort)
            : message.WantsBroadcast || given.Value == 0 ? (MacAddress.Broadcast, Ipv4Address.Broadcast, DhcpHeader.ClientPort)
            : (message.HardwareAddress, given, DhcpHeader.ClientPort);
        if (!Datagram.TryMake(request.Turn, request.Station, mac, (scope.Server, DhcpHeader.ServerPort), (to, port), bytes.Length,
            out var datagram))
            return DropReason.None;
        bytes.CopyTo(datagram.Payload);
        datagram.Send(request.Input);
        return DropReason.None;
    }
}
