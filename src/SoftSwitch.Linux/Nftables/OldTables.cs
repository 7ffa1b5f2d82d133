namespace SoftSwitch.Linux.Nftables;

/// <summary>What the old iptables (iptables-legacy) has: its rules aren't in nf_tables, and can't be seen there. The kernel says which of
/// its tables a namespace has.</summary>
public static class OldTables
{
    /// <summary>There may be rules that send packets elsewhere; false also where that can't be told.</summary>
    /// <param name="list">Where the kernel says it: of the process's namespace.</param>
    public static bool MayRedirect(string list = "/proc/self/net/ip_tables_names")
    {
        try
        {
            return File.Exists(list) && File.ReadLines(list).Contains("nat");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
