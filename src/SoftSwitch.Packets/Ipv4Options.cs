namespace SoftSwitch.Packets;

/// <summary>
/// Walks the options of an IPv4 header (RFC 791, 3.1; IANA IP parameters). Any bytes may be given: an option that is broken ends the walk.
/// </summary>
/// <param name="options">What stands behind the first 20 bytes of the header, to its end.</param>
public ref struct Ipv4Options(ReadOnlySpan<byte> options)
{
    public const byte End = 0;
    public const byte NoOperation = 1;

    /// <summary>Routers write their addresses into it.</summary>
    public const byte RecordRoute = 7;

    /// <summary>Routers that the packet is to pass, with others between them.</summary>
    public const byte LooseSourceRoute = 131;

    /// <summary>All the routers that the packet is to pass.</summary>
    public const byte StrictSourceRoute = 137;

    private ReadOnlySpan<byte> _rest = options;

    public byte Kind { get; private set; }

    /// <summary>An option says a length that it can't have: where others begin behind it isn't known.</summary>
    public bool AreBroken { get; private set; }

    /// <summary>Goes to the next option; false behind the last.</summary>
    public bool Next()
    {
        while (!_rest.IsEmpty && _rest[0] == NoOperation)
            _rest = _rest[1..];
        if (_rest.IsEmpty || _rest[0] == End)
            return false;
        AreBroken = _rest.Length < 2 || _rest[1] < 2 || _rest[1] > _rest.Length;
        if (AreBroken)
            return false;
        Kind = _rest[0];
        _rest = _rest[_rest[1]..];
        return true;
    }
}
