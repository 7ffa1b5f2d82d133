namespace SoftSwitch.Linux.Nftables;

/// <summary>What a set holds. The numbers are nft's own for its types, which the kernel only keeps for those who list the set.</summary>
public enum NftKey
{
    Ipv4Address = 7,
    MacAddress = 9,

    /// <summary>A port of TCP or UDP.</summary>
    Port = 13,
}
