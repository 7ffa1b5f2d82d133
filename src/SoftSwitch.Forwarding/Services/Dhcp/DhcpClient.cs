using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;

namespace SoftSwitch.Forwarding.Services.Dhcp;

/// <summary>Who a client says to be: its identifier (RFC 2131, 2; RFC 4361), or, of one that says none, a 1 and its MAC address, which is
/// what most identifiers are.</summary>
public sealed class DhcpClient : IEquatable<DhcpClient>
{
    /// <summary>Bytes of an identifier at most.</summary>
    public const int MostBytes = 255;

    /// <summary>Bytes of one that is made of a MAC address.</summary>
    private const int MacIdLength = 1 + MacAddress.Size;

    private readonly byte[] _id;

    public DhcpClient(ReadOnlySpan<byte> id) => _id = id.ToArray();

    public DhcpClient(MacAddress mac)
    {
        _id = new byte[MacIdLength];
        Write(mac, _id);
    }

    /// <summary>Finds clients by their identifiers, without making one.</summary>
    public static IEqualityComparer<DhcpClient> Comparer { get; } = new ById();

    public ReadOnlySpan<byte> Id => _id;

    /// <summary>Reads who a message is from.</summary>
    /// <param name="room">For <see cref="MostBytes"/> bytes.</param>
    public static ReadOnlySpan<byte> IdOf(in DhcpMessage message, Span<byte> room)
    {
        // One of a single byte has a type and names nobody (RFC 2132, 9.14).
        if (message.TryGet(DhcpOption.ClientIdentifier, room, out var id) && id.Length > 1)
            return id;
        Write(message.HardwareAddress, room);
        return room[..MacIdLength];
    }

    public bool Equals(DhcpClient? other) => other is not null && Id.SequenceEqual(other.Id);

    public override bool Equals(object? obj) => Equals(obj as DhcpClient);

    public override int GetHashCode() => HashOf(_id);

    public override string ToString() => Convert.ToHexStringLower(_id);

    private static void Write(MacAddress mac, Span<byte> id)
    {
        id[0] = DhcpHeader.Ethernet;
        mac.Write(id[1..]);
    }

    /// <summary>With a seed of the process, as strangers choose it.</summary>
    private static int HashOf(ReadOnlySpan<byte> id)
    {
        var hash = new HashCode();
        hash.AddBytes(id);
        return hash.ToHashCode();
    }

    private sealed class ById : IEqualityComparer<DhcpClient>, IAlternateEqualityComparer<ReadOnlySpan<byte>, DhcpClient>
    {
        public bool Equals(DhcpClient? x, DhcpClient? y) => x is null ? y is null : x.Equals(y);

        public int GetHashCode(DhcpClient obj) => obj.GetHashCode();

        public bool Equals(ReadOnlySpan<byte> alternate, DhcpClient other) => other.Id.SequenceEqual(alternate);

        public int GetHashCode(ReadOnlySpan<byte> alternate) => HashOf(alternate);

        public DhcpClient Create(ReadOnlySpan<byte> alternate) => new(alternate);
    }
}
