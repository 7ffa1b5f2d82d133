using System.Text.RegularExpressions;

namespace SoftSwitch.Tests.Docs;

/// <summary>What a page of the docs points to is there.</summary>
public partial class LinkTests
{
    public static TheoryData<string> Pages => [.. Tree.Pages];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_of_a_page_leads_to_a_file_and_a_heading_that_exist(string page)
    {
        var text = Fence().Replace(File.ReadAllText(Path.Combine(Tree.Root, page)), "");
        Assert.All(Link().Matches(text).Select(match => match.Groups[1].Value).Where(target => !target.Contains("://")), target =>
        {
            var (path, heading) = target.Split('#') is [var file, var anchor] ? (file, anchor) : (target, null);
            var here = Path.Combine(Tree.Root, page);
            var there = path.Length == 0 ? here : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, path));
            Assert.True(File.Exists(there) || Directory.Exists(there), $"{page} leads to {target}, and there is no such file");
            Assert.True(heading is null || Headings(there).Contains(heading), $"{page} leads to {target}, and there is no such heading");
        });
    }

    [Fact]
    public void Every_page_of_the_docs_can_be_reached_from_the_front_page()
    {
        var front = File.ReadAllText(Path.Combine(Tree.Root, "README.md"));
        Assert.All(Tree.Pages.Where(page => page != "README.md"), page => Assert.Contains($"({page})", front));
    }

    [Theory]
    [InlineData("## What stays the same", "what-stays-the-same")]
    [InlineData("### `compare/run`: the switch beside the others", "comparerun-the-switch-beside-the-others")]
    [InlineData("#no heading", null)]
    public void Headings_are_found_under_the_name_that_links_use(string line, string? anchor)
    {
        Assert.Equal(anchor, Heading().Match(line) is { Success: true } match ? Anchor(match.Groups[1].Value) : null);
    }

    private static IEnumerable<string> Headings(string file) =>
        Heading().Matches(Fence().Replace(File.ReadAllText(file), "")).Select(match => Anchor(match.Groups[1].Value));

    /// <summary>In lower case, with hyphens for blanks and without punctuation.</summary>
    private static string Anchor(string heading) => NoLetter().Replace(heading.Trim().ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NoLetter();
}
