namespace SoftSwitch.Packets.Dhcp;

/// <summary>
/// Goes over options, which stand one after another, each with a code, a length and a value (RFC 2132, 2):
/// <code>
///   while (options.Next())
///       … options.Code, options.Value
///   … options.AreBroken
/// </code>
/// </summary>
/// <param name="bytes">They begin there, and fill it, or end with <see cref="DhcpOption.End"/>.</param>
public ref struct DhcpOptions(ReadOnlySpan<byte> bytes)
{
    /// <summary>Of a code and a length.</summary>
    public const int HeaderSize = 2;

    private ReadOnlySpan<byte> _rest = bytes;

    public byte Code { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>One is longer than what there is: nothing behind it can be read.</summary>
    public bool AreBroken { get; private set; }

    /// <summary>Goes on to the next; false: there is none, or it can't be read.</summary>
    public bool Next()
    {
        while (!_rest.IsEmpty && _rest[0] == DhcpOption.Pad)
            _rest = _rest[1..];
        if (_rest.IsEmpty || _rest[0] == DhcpOption.End)
            return false;
        if (_rest.Length < HeaderSize || HeaderSize + _rest[1] > _rest.Length)
        {
            AreBroken = true;
            _rest = [];
            return false;
        }
        Code = _rest[0];
        Value = _rest.Slice(HeaderSize, _rest[1]);
        _rest = _rest[(HeaderSize + Value.Length)..];
        return true;
    }
}
