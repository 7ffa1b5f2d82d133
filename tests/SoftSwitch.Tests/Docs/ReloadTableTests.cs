using SoftSwitch.Config.Keys;
using SoftSwitch.Config.Rows;

namespace SoftSwitch.Tests.Docs;

/// <summary>docs/nat.md says of every key of a nat network what a reload makes of running flows.</summary>
public sealed class ReloadTableTests
{
    [Fact]
    public void Each_key_of_translation_is_in_the_table()
    {
        var page = File.ReadAllText(Path.Combine(Tree.Root, "docs", "nat.md"));
        var table = page[page.IndexOf("## While it runs", StringComparison.Ordinal)..];
        table = table[..table.IndexOf("\n## ", 3, StringComparison.Ordinal)];
        Row[] rows = [.. NatKeys.All, .. OutsideKeys.All, .. TimeoutsKeys.All, .. ForwardKeys.All];
        Assert.All(rows, row => Assert.Contains($"`{row.Name}`", table, StringComparison.Ordinal));
    }
}
