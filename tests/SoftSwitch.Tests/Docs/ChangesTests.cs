using System.Text.RegularExpressions;
using SoftSwitch.Config;
using SoftSwitch.Config.Keys;
using SoftSwitch.Config.Rows;
using SoftSwitch.Kinds;

namespace SoftSwitch.Tests.Docs;

/// <summary>The page about changes names each key of a switch, of a network and of a port that is built: who adds one says what becomes of
/// what runs when it says something else.</summary>
public partial class ChangesTests
{
    [Fact]
    public void Each_key_is_on_the_page_about_changes()
    {
        var page = Backquoted().Matches(File.ReadAllText(Path.Combine(Tree.Root, "docs", "changes.md")))
            .Select(match => match.Groups[1].Value).ToHashSet();
        IEnumerable<Row> rows =
        [
            .. SwitchKeys.All.Where(row => row.Shape != RowShape.Names), .. NetworkKeys.All,
            .. PortKinds.All.Where(kind => kind.IsBuilt).SelectMany(PortKeys.Of),
        ];
        Assert.Empty(rows.Select(row => row.Name).Where(key => !page.Contains(key)).Distinct());
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Backquoted();
}
