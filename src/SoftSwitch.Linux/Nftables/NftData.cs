using SoftSwitch.Linux.Netlink;
using static SoftSwitch.Linux.Interop.NfTables;

namespace SoftSwitch.Linux.Nftables;

/// <summary>Data of nf_tables: a value, or a verdict.</summary>
internal static class NftData
{
    public static byte[] ValueOf(AttributeReader data)
    {
        while (data.Next())
        {
            if (data.Type == NFTA_DATA_VALUE)
                return data.Value.ToArray();
        }
        return [];
    }

    /// <summary>The chain that a verdict leads to; null: it leads to none.</summary>
    public static string? ChainOf(AttributeReader data)
    {
        while (data.Next())
        {
            var verdict = data.Nested;
            while (data.Type == NFTA_DATA_VERDICT && verdict.Next())
            {
                if (verdict.Type == NFTA_VERDICT_CHAIN)
                    return verdict.Text;
            }
        }
        return null;
    }
}
