using SoftSwitch.Linux;

namespace SoftSwitch.Tests.Linux;

/// <summary>By which paths another program may be executed in this one's place: none that a stranger can lead elsewhere.</summary>
public sealed class StartedPathTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("softswitch-started-").FullName;

    public StartedPathTests()
    {
        foreach (var version in new[] { "1", "2" })
        {
            Directory.CreateDirectory(At($"versions/{version}"));
            File.WriteAllText(At($"versions/{version}/softswitch"), "");
        }
        File.CreateSymbolicLink(At("current"), "versions/2");
        File.CreateSymbolicLink(At("softswitch"), "./versions/../current/softswitch");
        File.CreateSymbolicLink(At("whole"), At("softswitch"));
        File.CreateSymbolicLink(At("circle"), "circle");
        File.CreateSymbolicLink(At("process"), "/proc/self/exe");
    }

    [Theory]
    [InlineData("versions/1/softswitch", true)]
    [InlineData("softswitch", true)]
    [InlineData("whole", true)]
    [InlineData("current/../1/softswitch", true)]
    [InlineData("circle", false)]
    [InlineData("process", false)]
    [InlineData("current", false)]
    [InlineData("nowhere", false)]
    [InlineData("softswitch/x", false)]
    public void It_leads_to_a_file_by_links_that_stay(string path, bool isOurs) => Assert.Equal(isOurs, StartedPath.IsOurs(At(path)));

    [Fact]
    public void One_without_a_beginning_and_one_of_an_open_file_are_none()
    {
        Assert.False(StartedPath.IsOurs("bin/sh"));
        Assert.False(StartedPath.IsOurs(""));
        Assert.False(StartedPath.IsOurs("/proc/self/exe"));
        Assert.False(StartedPath.IsOurs("/dev/fd/0"));
    }

    /// <summary>Wherever on the way it is; one where everybody keeps his own is none of these.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("versions")]
    [InlineData("versions/2")]
    public void A_folder_in_which_anybody_may_put_another_is_refused(string folder)
    {
        const UnixFileMode all = (UnixFileMode)511;
        File.SetUnixFileMode(At(folder), all);
        Assert.False(StartedPath.IsOurs(At("whole")));
        File.SetUnixFileMode(At(folder), all | UnixFileMode.StickyBit);
        Assert.True(StartedPath.IsOurs(At("whole")));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string At(string path) => Path.Combine(_folder, path);
}
