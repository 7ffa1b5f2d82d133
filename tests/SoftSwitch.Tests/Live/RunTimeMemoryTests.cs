using SoftSwitch.Config.Yaml;
using SoftSwitch.Live;
using SoftSwitch.Live.Layer;

namespace SoftSwitch.Tests.Live;

/// <summary>What is made at run time one by one is kept, but not written as often as it is made.</summary>
public sealed class RunTimeMemoryTests
{
    private const int Things = 2000;

    /// <summary>Catches a rest that the end waits out without writing, and one that writes what was said before the last.</summary>
    [Fact]
    public void What_was_said_last_is_there_at_the_end()
    {
        var folder = Directory.CreateTempSubdirectory("softswitch-tests-");
        try
        {
            var layer = RunTimeLayer.Empty;
            var told = new List<string>();
            using (var memory = new RunTimeMemory(folder.FullName, "/etc/some.yaml", told.Add))
            {
                for (var i = 0; i < Things; i++)
                {
                    layer = layer.With(RunTimeNoun.Network, $"x{i}", new(RunTimeKind.Added, new MapNode(new(1, 1), []), null));
                    memory.Write(layer);
                }
            }
            using var next = new RunTimeMemory(folder.FullName, "/etc/some.yaml", told.Add);
            Assert.Equal(Things, next.Load().Count);
            Assert.Empty(told);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
