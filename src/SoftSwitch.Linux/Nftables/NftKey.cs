namespace SoftSwitch.Linux.Nftables;

/// <summary>What a set holds. The numbers are those of nft's own types; the kernel keeps them only for programs that list the
/// set.</summary>
public enum NftKey
{
    Ipv4Address = 7,
    MacAddress = 9,

    /// <summary>A port of TCP or UDP.</summary>
    Port = 13,

    /// <summary>An IPv4 address with a port behind it: nft has six bits for each type of such a concatenation.</summary>
    Endpoint = (Ipv4Address << 6) | Port,
}
