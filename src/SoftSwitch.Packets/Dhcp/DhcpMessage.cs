using System.Buffers.Binary;

namespace SoftSwitch.Packets.Dhcp;

/// <summary>
/// A message of DHCP over Ethernet (RFC 2131, 2), read in place. Its options stand behind the header, and in the fields of the two names as
/// well when they say so (<see cref="DhcpOption.Overload"/>). One that occurs several times is one value in pieces, in the order options,
/// file, server name (RFC 3396); so what has one byte or one address and occurs twice has none.
/// </summary>
public readonly ref struct DhcpMessage
{
    private const byte InFile = 1, InServerName = 2;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly DhcpCodes _codes;
    private readonly byte _overload;

    private DhcpMessage(ReadOnlySpan<byte> bytes, DhcpCodes codes, byte overload)
    {
        _bytes = bytes;
        _codes = codes;
        _overload = overload;
        Type = TryGetByte(DhcpOption.MessageType, out var type) ? (DhcpMessageType)type : default;
    }

    public DhcpMessageType Type { get; }

    public byte Operation => _bytes[DhcpHeader.OperationOffset];

    public byte Hops => _bytes[DhcpHeader.HopsOffset];

    /// <summary>By this a client knows the answers to its question.</summary>
    public uint Transaction => BinaryPrimitives.ReadUInt32BigEndian(_bytes[DhcpHeader.TransactionOffset..]);

    /// <summary>The client takes answers only by broadcast, while it has no address.</summary>
    public bool WantsBroadcast =>
        (BinaryPrimitives.ReadUInt16BigEndian(_bytes[DhcpHeader.FlagsOffset..]) & DhcpHeader.BroadcastFlag) != 0;

    /// <summary>What the client has, and can answer ARP for; zero: none.</summary>
    public Ipv4Address ClientAddress => Ipv4Address.Read(_bytes[DhcpHeader.ClientAddressOffset..]);

    /// <summary>What the client is given.</summary>
    public Ipv4Address YourAddress => Ipv4Address.Read(_bytes[DhcpHeader.YourAddressOffset..]);

    /// <summary>The server of the next step of a boot.</summary>
    public Ipv4Address NextServer => Ipv4Address.Read(_bytes[DhcpHeader.NextServerOffset..]);

    /// <summary>The relay agent by which it came; zero: none.</summary>
    public Ipv4Address Relay => Ipv4Address.Read(_bytes[DhcpHeader.RelayOffset..]);

    /// <summary>The client's.</summary>
    public MacAddress HardwareAddress => MacAddress.Read(_bytes[DhcpHeader.HardwareAddressOffset..]);

    /// <summary>Reads what a UDP datagram carries; false for what is cut short, has options that can't be read, has no type (BOOTP) or an
    /// unknown one, or is about another link than Ethernet.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out DhcpMessage message)
    {
        message = default;
        var codes = default(DhcpCodes);
        if (bytes.Length < DhcpHeader.OptionsOffset
            || BinaryPrimitives.ReadUInt32BigEndian(bytes[DhcpHeader.CookieOffset..]) != DhcpHeader.Cookie
            || bytes[DhcpHeader.HardwareTypeOffset] != DhcpHeader.Ethernet
            || bytes[DhcpHeader.HardwareLengthOffset] != MacAddress.Size
            || !AreWhole(bytes[DhcpHeader.OptionsOffset..], ref codes))
            return false;
        message = new(bytes, codes, 0);
        if (message.TryGetByte(DhcpOption.Overload, out var overload))
        {
            if (overload is 0 or > (InFile | InServerName)
                || ((overload & InFile) != 0 && !AreWhole(FileOf(bytes), ref codes))
                || ((overload & InServerName) != 0 && !AreWhole(ServerNameOf(bytes), ref codes)))
                return false;
            message = new(bytes, codes, overload);
        }
        return message.Type is >= DhcpMessageType.Discover and <= DhcpMessageType.Inform;
    }

    /// <summary>Finds an option.</summary>
    /// <param name="room">For one that comes in pieces.</param>
    /// <param name="value">In the message, or in <paramref name="room"/>.</param>
    /// <returns>False: there is none, or it is too long for <paramref name="room"/>.</returns>
    public bool TryGet(byte code, Span<byte> room, out ReadOnlySpan<byte> value)
    {
        value = default;
        var pieces = 0;
        return _codes.Contains(code)
            && TryAdd(_bytes[DhcpHeader.OptionsOffset..], code, room, ref value, ref pieces)
            && ((_overload & InFile) == 0 || TryAdd(FileOf(_bytes), code, room, ref value, ref pieces))
            && ((_overload & InServerName) == 0 || TryAdd(ServerNameOf(_bytes), code, room, ref value, ref pieces));
    }

    /// <summary>Finds an option of one byte.</summary>
    public bool TryGetByte(byte code, out byte value)
    {
        var isThere = TryGet(code, stackalloc byte[1], out var bytes) && bytes.Length == 1;
        value = isThere ? bytes[0] : default;
        return isThere;
    }

    /// <summary>Finds an option of two bytes.</summary>
    public bool TryGetUInt16(byte code, out ushort value)
    {
        var isThere = TryGet(code, stackalloc byte[sizeof(ushort)], out var bytes) && bytes.Length == sizeof(ushort);
        value = isThere ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : default;
        return isThere;
    }

    /// <summary>Finds an option of four bytes: seconds, or an address.</summary>
    public bool TryGetUInt32(byte code, out uint value)
    {
        var isThere = TryGet(code, stackalloc byte[sizeof(uint)], out var bytes) && bytes.Length == sizeof(uint);
        value = isThere ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : default;
        return isThere;
    }

    /// <summary>Finds an option of one address.</summary>
    public bool TryGetAddress(byte code, out Ipv4Address address)
    {
        var isThere = TryGetUInt32(code, out var value);
        address = new(value);
        return isThere;
    }

    private static ReadOnlySpan<byte> FileOf(ReadOnlySpan<byte> bytes) => bytes[DhcpHeader.FileOffset..DhcpHeader.CookieOffset];

    private static ReadOnlySpan<byte> ServerNameOf(ReadOnlySpan<byte> bytes) => bytes[DhcpHeader.ServerNameOffset..DhcpHeader.FileOffset];

    /// <summary>All of a field's options can be read.</summary>
    /// <param name="codes">Gets theirs.</param>
    private static bool AreWhole(ReadOnlySpan<byte> bytes, ref DhcpCodes codes)
    {
        var options = new DhcpOptions(bytes);
        while (options.Next())
            codes.Add(options.Code);
        return !options.AreBroken;
    }

    /// <summary>Adds to a value what one field has of it.</summary>
    private static bool TryAdd(ReadOnlySpan<byte> field, byte code, Span<byte> room, ref ReadOnlySpan<byte> value, ref int pieces)
    {
        var options = new DhcpOptions(field);
        while (options.Next())
        {
            if (options.Code != code)
                continue;
            if (pieces++ == 0)
            {
                value = options.Value;
                continue;
            }
            if (value.Length + options.Value.Length > room.Length)
                return false;
            if (pieces == 2)
                value.CopyTo(room);
            options.Value.CopyTo(room[value.Length..]);
            value = room[..(value.Length + options.Value.Length)];
        }
        return true;
    }
}
