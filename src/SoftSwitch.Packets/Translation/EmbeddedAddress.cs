namespace SoftSwitch.Packets.Translation;

/// <summary>Addresses of IPv6 that stand for such of IPv4: 64:ff9b:1::a.b.c.d. The prefix of 96 bits is one of those for translation within
/// one place (RFC 8215), and the address stands in the low 32 bits (RFC 6052, 2.2).</summary>
public static class EmbeddedAddress
{
    private const ulong High = 0x0064_FF9B_0001_0000;

    public static Ipv6Address Of(Ipv4Address address) => new(new UInt128(High, address.Value));

    /// <summary>False for one that stands for none.</summary>
    public static bool TryRead(Ipv6Address address, out Ipv4Address embedded)
    {
        embedded = new((uint)address.Value);
        return address == Of(embedded);
    }
}
