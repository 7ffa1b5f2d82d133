using System.Text;
using SoftSwitch.Linux.Output;

namespace SoftSwitch.Tests.Linux;

public sealed class LineFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ss-lines-").FullName;

    private string FilePath => Path.Combine(_folder, "flows.log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_that_is_made_is_not_everybodys_and_one_that_is_there_no_longer_is()
    {
        Assert.Null(Append(FilePath, ""));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(FilePath));
        const UnixFileMode own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead;
        File.SetUnixFileMode(FilePath, own);
        Assert.Null(Append(FilePath, "a\n"));
        Assert.Null(Append(FilePath, "b\nc\n"));
        Assert.Equal("a\nb\nc\n", File.ReadAllText(FilePath));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
        // A device isn't ours to close.
        var before = File.GetUnixFileMode("/dev/null");
        Assert.Null(Append("/dev/null", "a\n"));
        Assert.Equal(before, File.GetUnixFileMode("/dev/null"));
    }

    [Fact]
    public void Half_a_line_that_somebody_left_ends_before_the_next()
    {
        File.WriteAllText(FilePath, "whole\nhal");
        Assert.Null(Append(FilePath, "a\n"));
        Assert.Equal("whole\nhal\na\n", File.ReadAllText(FilePath));
    }

    [Fact]
    public void A_file_that_is_rotated_is_made_anew()
    {
        Append(FilePath, "a\n");
        File.Move(FilePath, FilePath + ".1");
        Append(FilePath, "b\n");
        Assert.Equal("b\n", File.ReadAllText(FilePath));
    }

    [Fact]
    public void What_stands_in_the_way_is_said_with_the_cure()
    {
        Assert.Equal($"there is no folder {_folder}/sub; make it: mkdir -p {_folder}/sub", Append($"{_folder}/sub/a.log", "a\n"));
        File.CreateSymbolicLink($"{_folder}/link", FilePath);
        Assert.Equal("it is a symbolic link, or another user's leads there; name the file that it leads to",
            Append($"{_folder}/link", "a\n"));
        Assert.False(File.Exists(FilePath));
        Assert.Equal("it is a folder; name a file in it", Append(_folder, "a\n"));
        Assert.Equal("no space is left there", Append("/dev/full", "a\n"));
    }

    private static string? Append(string path, string lines)
    {
        var bytes = Encoding.UTF8.GetBytes(lines);
        var written = LineFile.Append(path, bytes, out var errno, out var isEverybodys);
        Assert.False(isEverybodys);
        Assert.Equal(errno == 0 ? bytes.Length : 0, written);
        return errno == 0 ? null : LineFile.Obstacle(path, errno);
    }
}
