using System.Runtime.CompilerServices;
using SoftSwitch.Config;

namespace SoftSwitch.Tests.Config;

public class ExampleTests
{
    [Theory]
    [InlineData("two-guests", 2)]
    [InlineData("bridged", 3)]
    [InlineData("forwards", 2)]
    [InlineData("four-modes", 6)]
    [InlineData("guarded", 3)]
    [InlineData("host-only", 2)]
    [InlineData("namespaces", 3)]
    [InlineData("nat", 2)]
    [InlineData("own-address", 1)]
    public void An_example_is_a_configuration_without_a_mistake_and_says_on_top_what_it_is(string name, int ports)
    {
        var path = Path.Combine(Folder(), $"{name}.yaml");
        var result = ConfigFile.Load(path);
        Assert.Empty(result.Mistakes);
        Assert.Equal(ports, result.Model!.Ports.Count);
        Assert.StartsWith("# ", File.ReadAllText(path));
    }

    [Fact]
    public void Every_example_is_checked() =>
        Assert.Equal(["bridged.yaml", "forwards.yaml", "four-modes.yaml", "guarded.yaml", "host-only.yaml", "namespaces.yaml", "nat.yaml",
            "own-address.yaml", "two-guests.yaml"], Directory.GetFiles(Folder()).Select(Path.GetFileName).Order());

    private static string Folder([CallerFilePath] string here = "") =>
        Path.GetFullPath("../../../tools/examples", Path.GetDirectoryName(here)!);
}
