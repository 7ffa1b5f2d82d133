using System.Buffers.Binary;

namespace SoftSwitch.Packets.Dhcp;

/// <summary>
/// Writes a message of DHCP over Ethernet: a header of zeros, then option after option, then the end. An option stands in the first of
/// three fields that has room for all of it: behind the header, in that of the boot file's name, in that of the server's name
/// (<see cref="DhcpOption.Overload"/>). A value longer than 255 bytes is written in pieces (RFC 3396). What has room nowhere is left out.
/// </summary>
public ref struct DhcpWriter
{
    private const int MostInPiece = byte.MaxValue, OverloadSize = DhcpOptions.HeaderSize + 1, EndSize = 1;
    private const byte InFile = 1, InServerName = 2;

    private readonly Span<byte> _bytes;
    private readonly ReadOnlySpan<byte> _relay;
    private readonly int _limit;
    private readonly bool _mayOverload;
    private int _options = DhcpHeader.OptionsOffset, _file = DhcpHeader.FileOffset, _serverName = DhcpHeader.ServerNameOffset;

    /// <param name="bytes">As long as the message may be, at least <see cref="DhcpHeader.MinimumSize"/>.</param>
    /// <param name="operation"><see cref="DhcpHeader.Request"/> or <see cref="DhcpHeader.Reply"/>.</param>
    /// <param name="mayOverload">The fields of the names aren't needed for names.</param>
    /// <param name="relay">What a relay agent gets back, as the last of the options (RFC 3046, 2.2); empty: nothing. What has no room isn't
    /// written.</param>
    public DhcpWriter(Span<byte> bytes, byte operation, bool mayOverload, ReadOnlySpan<byte> relay = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, DhcpHeader.MinimumSize);
        bytes.Clear();
        _bytes = bytes;
        _mayOverload = mayOverload;
        _limit = bytes.Length - EndSize - (mayOverload ? OverloadSize : 0);
        if (!relay.IsEmpty && SizeOf(relay.Length) <= _limit - _options)
        {
            _relay = relay;
            _limit -= SizeOf(relay.Length);
        }
        bytes[DhcpHeader.OperationOffset] = operation;
        bytes[DhcpHeader.HardwareTypeOffset] = DhcpHeader.Ethernet;
        bytes[DhcpHeader.HardwareLengthOffset] = MacAddress.Size;
        BinaryPrimitives.WriteUInt32BigEndian(bytes[DhcpHeader.CookieOffset..], DhcpHeader.Cookie);
    }

    /// <summary>The fields before the options, to be written into.</summary>
    public readonly Span<byte> Header => _bytes[..DhcpHeader.CookieOffset];

    /// <summary>Writes an option.</summary>
    /// <returns>False: it has room nowhere.</returns>
    public bool TryAdd(byte code, scoped ReadOnlySpan<byte> value) =>
        TryAdd(ref _options, _limit, code, value)
        || (_mayOverload && (TryAdd(ref _file, DhcpHeader.CookieOffset - EndSize, code, value)
            || TryAdd(ref _serverName, DhcpHeader.FileOffset - EndSize, code, value)));

    /// <inheritdoc cref="TryAdd(byte, ReadOnlySpan{byte})"/>
    public bool TryAdd(byte code, byte value) => TryAdd(code, [value]);

    /// <inheritdoc cref="TryAdd(byte, ReadOnlySpan{byte})"/>
    public bool TryAdd(byte code, ushort value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        return TryAdd(code, bytes);
    }

    /// <inheritdoc cref="TryAdd(byte, ReadOnlySpan{byte})"/>
    public bool TryAdd(byte code, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return TryAdd(code, bytes);
    }

    /// <inheritdoc cref="TryAdd(byte, ReadOnlySpan{byte})"/>
    public bool TryAdd(byte code, Ipv4Address address) => TryAdd(code, address.Value);

    /// <summary>Ends the message.</summary>
    /// <returns>Its length in bytes.</returns>
    public int Finish()
    {
        var overload = (_file > DhcpHeader.FileOffset ? InFile : 0) | (_serverName > DhcpHeader.ServerNameOffset ? InServerName : 0);
        if (overload != 0)
        {
            Write(ref _options, DhcpOption.Overload, [(byte)overload]);
            _bytes[_file] = (overload & InFile) != 0 ? DhcpOption.End : DhcpOption.Pad;
            _bytes[_serverName] = (overload & InServerName) != 0 ? DhcpOption.End : DhcpOption.Pad;
        }
        if (!_relay.IsEmpty)
            Write(ref _options, DhcpOption.RelayAgentInformation, _relay);
        _bytes[_options++] = DhcpOption.End;
        return int.Max(_options, DhcpHeader.MinimumSize);
    }

    private readonly bool TryAdd(ref int at, int limit, byte code, scoped ReadOnlySpan<byte> value)
    {
        if (SizeOf(value.Length) > limit - at)
            return false;
        Write(ref at, code, value);
        return true;
    }

    private readonly void Write(ref int at, byte code, scoped ReadOnlySpan<byte> value)
    {
        do
        {
            var piece = value[..int.Min(value.Length, MostInPiece)];
            (_bytes[at], _bytes[at + 1]) = (code, (byte)piece.Length);
            piece.CopyTo(_bytes[(at + DhcpOptions.HeaderSize)..]);
            at += DhcpOptions.HeaderSize + piece.Length;
            value = value[piece.Length..];
        }
        while (!value.IsEmpty);
    }

    private static int SizeOf(int length) => length + DhcpOptions.HeaderSize * int.Max(1, (length + MostInPiece - 1) / MostInPiece);
}
