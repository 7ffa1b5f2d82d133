using SoftSwitch.Linux.Nftables;

namespace SoftSwitch.Tests.Linux;

public sealed class OldTablesTests
{
    [Theory]
    [InlineData("filter\nnat\n", true)]
    [InlineData("filter\nmangle\n", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void The_old_iptables_may_send_packets_elsewhere_where_it_has_that_table(string? list, bool expected)
    {
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            if (list is not null)
                File.WriteAllText(file, list);
            Assert.Equal(expected, OldTables.MayRedirect(file));
        }
        finally
        {
            File.Delete(file);
        }
    }
}
