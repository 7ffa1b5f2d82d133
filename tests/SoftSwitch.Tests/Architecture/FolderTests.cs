using System.Text.RegularExpressions;

namespace SoftSwitch.Tests.Architecture;

/// <summary>Folders have one arrow: who stands above uses who stands below, inside a project and from project to project.</summary>
public sealed partial class FolderTests
{
    /// <summary>Which other projects each folder may use. What has no line uses none; of Forwarding each folder may use Packets.</summary>
    private static readonly string[] s_arrows =
    [
        "SoftSwitch → Linux",
        "SoftSwitch.Addressing → Linux Packets",
        "SoftSwitch.Api → Forwarding Linux Packets",
        "SoftSwitch.Bounds → Forwarding",
        "SoftSwitch.Cli → Linux Packets",
        "SoftSwitch.Config → Linux Packets",
        "SoftSwitch.Kinds → Linux Packets",
        "SoftSwitch.Lab → Forwarding Linux Packets",
        "SoftSwitch.Linux → Forwarding",
        "SoftSwitch.Linux.Children → Forwarding",
        "SoftSwitch.Linux.Endpoints → Forwarding Packets",
        "SoftSwitch.Linux.HostFacts → Packets",
        "SoftSwitch.Linux.Interop → Forwarding",
        "SoftSwitch.Linux.Netlink → Packets",
        "SoftSwitch.Linux.Nftables → Packets",
        "SoftSwitch.Linux.Succession → Forwarding",
        "SoftSwitch.Linux.Tunnels → Packets",
        "SoftSwitch.Linux.Workers → Forwarding Packets",
        "SoftSwitch.Live → Linux",
        "SoftSwitch.Logging → Forwarding Linux",
        "SoftSwitch.Model → Forwarding Packets",
        "SoftSwitch.Persistence → Forwarding Linux Packets",
        "SoftSwitch.State → Forwarding Linux Packets",
    ];

    private readonly FolderGraph _graph = new();

    [Fact]
    public void Folders_have_no_circle() => Assert.True(_graph.Circles() is [], string.Join('\n', _graph.Circles()));

    [Fact]
    public void Folders_use_no_other_project_but_these() => Assert.Equal(s_arrows,
        _graph.ArrowsBetweenProjects().Where(arrows => !arrows.StartsWith("SoftSwitch.Forwarding", StringComparison.Ordinal)));

    [Theory]
    [InlineData("SoftSwitch", "SoftSwitch.Linux")]
    [InlineData("SoftSwitch.Linux", "SoftSwitch.Forwarding")]
    [InlineData("SoftSwitch.Forwarding", "SoftSwitch.Packets")]
    [InlineData("SoftSwitch.Packets")]
    public void A_project_stands_on_the_next_alone(string project, params string[] below) => Assert.Equal(below,
        Reference().Matches(File.ReadAllText($"{SourceFile.Root()}/{project}/{project}.csproj")).Select(match => match.Groups[1].Value));

    [GeneratedRegex(@"<ProjectReference Include=""[^""]*?([\w.]+)\.csproj""")]
    private static partial Regex Reference();
}
