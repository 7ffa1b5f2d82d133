using System.Buffers.Binary;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Nftables;

/// <summary>An element of a set: a MAC address, an IPv4 address, a port, or an address with a port (<see cref="NftKey"/>).</summary>
public readonly record struct NftElement
{
    internal const int MaximumSize = sizeof(ulong);

    /// <summary>Bytes of an address with a port, in two registers.</summary>
    internal const int EndpointSize = 8;

    private readonly ulong _key;
    private readonly int _size;

    private NftElement(ulong key, int size) => (_key, _size) = (key << 8 * (MaximumSize - size), size);

    public static implicit operator NftElement(MacAddress address) => new(address.Value, MacAddress.Size);

    public static implicit operator NftElement(Ipv4Address address) => new(address.Value, Ipv4Address.Size);

    public static implicit operator NftElement(ushort port) => new(port, sizeof(ushort));

    /// <summary>Each part begins a register of four bytes.</summary>
    public static NftElement Endpoint(Ipv4Address address, ushort port) =>
        new((ulong)address.Value << 32 | (uint)port << 16, EndpointSize);

    /// <summary>Writes it in network order.</summary>
    /// <returns>Its bytes.</returns>
    internal int Write(Span<byte> key)
    {
        BinaryPrimitives.WriteUInt64BigEndian(key, _key);
        return _size;
    }
}
