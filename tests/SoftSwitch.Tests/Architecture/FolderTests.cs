namespace SoftSwitch.Tests.Architecture;

/// <summary>Inside a project folders have one arrow: who stands above uses who stands below.</summary>
public sealed class FolderTests
{
    [Theory, InlineData("SoftSwitch.Packets"), InlineData("SoftSwitch.Forwarding"), InlineData("SoftSwitch.Linux"), InlineData("SoftSwitch")]
    public void Folders_have_no_circle(string project) => Assert.Empty(new FolderGraph(project).Circles());
}
