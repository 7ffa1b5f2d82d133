using SoftSwitch.Linux.Control;
using SoftSwitch.Linux.Files;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Output;
using SoftSwitch.Persistence;

namespace SoftSwitch.Tests.Linux;

/// <summary>Whoever may write where we write can plant nothing.</summary>
public sealed class OwnFolderTests : IDisposable
{
    /// <summary>Nobody's, as far as this machine is concerned.</summary>
    private const uint Stranger = 12_345;

    private readonly string _root = Directory.CreateTempSubdirectory("ss-own-").FullName;

    private string Shared => Path.Combine(_root, "shared");

    private string Precious => Path.Combine(_root, "precious");

    public OwnFolderTests()
    {
        File.WriteAllText(Precious, "precious");
        Directory.CreateDirectory(Shared);
        File.SetUnixFileMode(Shared, (UnixFileMode)0b1_111_111_111);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void What_is_written_is_there_whole_with_its_mode_and_nothing_else()
    {
        StateFile.Write(Shared, "a", "one");
        StateFile.Write(Shared, "a", "two");
        StateFile.Write(Shared, "secret", "s", isSecret: true, replaces: false);
        Assert.Equal("two", StateFile.Read(Shared, "a", 100));
        Assert.Equal("tw", StateFile.Read(Shared, "a", 2));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Shared, "secret")));
        Assert.Contains("exists", Assert.Throws<IOException>(() => StateFile.Write(Shared, "secret", "t", replaces: false)).Message);
        Assert.Equal("s", StateFile.Read(Shared, "secret", 100));
        Assert.Equal(["a", "secret"], Directory.GetFileSystemEntries(Shared).Select(Path.GetFileName).Order());
        Assert.Null(StateFile.Read(Shared, "nothing", 100));
        Assert.Null(StateFile.Read(Path.Combine(_root, "no/where"), "nothing", 100));
    }

    [Fact]
    public void A_link_in_the_place_of_a_file_is_neither_read_nor_written_through()
    {
        File.CreateSymbolicLink(Path.Combine(Shared, "a"), Precious);
        Assert.Contains("is a symbolic link", Assert.Throws<IOException>(() => StateFile.Read(Shared, "a", 100)).Message);
        StateFile.Write(Shared, "a", "ours");
        Assert.Equal("ours", StateFile.Read(Shared, "a", 100));

        File.CreateSymbolicLink(Path.Combine(Shared, "switch-1"), Path.Combine(_root, "made"));
        using var folder = OwnFolder.Find(Shared)!;
        Assert.Contains("is a symbolic link", Assert.Throws<IOException>(() => folder.Hold("switch-1")).Message);
        Assert.False(Path.Exists(Path.Combine(_root, "made")));
        Assert.Equal("precious", File.ReadAllText(Precious));
    }

    [Fact]
    public void What_is_no_file_or_is_another_s_to_write_does_not_count_and_nobody_waits_for_it()
    {
        var path = Path.Combine(Shared, "a");
        using (var made = System.Diagnostics.Process.Start("mkfifo", path))
            made.WaitForExit();
        Assert.Contains("is no file", Assert.Throws<IOException>(() => StateFile.Read(Shared, "a", 100)).Message);
        File.Delete(path);
        File.WriteAllText(path, "theirs");
        File.SetUnixFileMode(path, (UnixFileMode)0b110_110_110);
        Assert.Contains("can be written by others, its mode is 666",
            Assert.Throws<IOException>(() => StateFile.Read(Shared, "a", 100)).Message);
        File.SetUnixFileMode(path, (UnixFileMode)0b110_100_100);
        Assert.Equal("theirs", StateFile.Read(Shared, "a", 100));
        if (!Give(path))
            return;
        Assert.Contains($"{path} belongs to {Stranger}", Assert.Throws<IOException>(() => StateFile.Read(Shared, "a", 100)).Message);
    }

    [Fact]
    public void A_file_of_ours_that_has_a_second_name_here_is_neither_read_nor_held()
    {
        File.SetUnixFileMode(Precious, (UnixFileMode)0b110_100_100);
        using (var made = System.Diagnostics.Process.Start("ln", [Precious, Path.Combine(Shared, "switch-1")]))
            made.WaitForExit();
        using var folder = OwnFolder.Find(Shared)!;
        Assert.Contains("of another name as well", Assert.Throws<IOException>(() => folder.Hold("switch-1")).Message);
        Assert.Contains("of another name as well", Assert.Throws<IOException>(() => folder.Read("switch-1", 100)).Message);
        Assert.Equal((UnixFileMode)0b110_100_100, File.GetUnixFileMode(Precious));
    }

    [Fact]
    public void A_link_on_the_way_counts_only_if_root_or_we_made_it()
    {
        var link = Path.Combine(Shared, "link");
        Directory.CreateDirectory(Path.Combine(_root, "target"));
        File.CreateSymbolicLink(link, "../target");
        StateFile.Write(Path.Combine(link, "deep/er"), "a", "ours");
        Assert.Equal("ours", File.ReadAllText(Path.Combine(_root, "target/deep/er/a")));
        Assert.Equal("ours", StateFile.Read(Path.Combine(link, "deep/../deep/er"), "a", 100));
        if (!Give(link))
            return;
        Assert.Contains("a symbolic link of another user is on the way",
            Assert.Throws<IOException>(() => StateFile.Write(Path.Combine(link, "deep"), "a", "ours")).Message);
        Assert.Throws<IOException>(() => StateFile.Read(Path.Combine(link, "deep/er"), "a", 100));
        Assert.Contains("a symbolic link of another user is on the way",
            Assert.Throws<ControlSocketException>(() => ControlSocket.Bind(Path.Combine(link, "deep/s"))).Message);
        Assert.Equal(0, LineFile.Append(Path.Combine(link, "flows"), "a\n"u8, out var errno, out _));
        Assert.Equal(Errno.ELOOP, errno);
        Assert.Equal(["deep"], Directory.GetFileSystemEntries(Path.Combine(_root, "target")).Select(Path.GetFileName));
    }

    [Fact]
    public void A_circle_of_links_ends()
    {
        File.CreateSymbolicLink(Path.Combine(Shared, "one"), "other");
        File.CreateSymbolicLink(Path.Combine(Shared, "other"), "one");
        Assert.Throws<IOException>(() => StateFile.Read(Path.Combine(Shared, "one"), "a", 100));
        Assert.Throws<IOException>(() => StateFile.Write(Path.Combine(Precious, "x"), "a", ""));
    }

    [Fact]
    public void Who_holds_a_file_is_found_out_and_no_stranger_can()
    {
        using var folder = OwnFolder.Find(Shared)!;
        using (folder.Hold("switch-1"))
        {
            Assert.Null(folder.Hold("switch-1"));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Shared, "switch-1")));
        }
        using var again = folder.Hold("switch-1");
        Assert.NotNull(again);
    }

    [Fact]
    public void What_a_writer_that_was_killed_has_left_goes_and_what_is_being_written_or_is_anybody_else_s_stays()
    {
        const string left = ".addresses.00000000000000aa.softswitch", held = ".addresses.00000000000000bb.softswitch";
        string[] others = [".addresses.cc", ".cache.softswitch", "a.b.softswitch", ".given.00000000000000dd.softswitch"];
        foreach (var name in (string[])[left, held, .. others])
            File.WriteAllText(Path.Combine(Shared, name), name);
        Directory.CreateDirectory(Path.Combine(Shared, ".folder.00000000000000ee.softswitch"));
        File.CreateSymbolicLink(Path.Combine(Shared, ".link.00000000000000ff.softswitch"), Precious);
        var isGiven = Give(Path.Combine(Shared, others[^1]));
        using var folder = OwnFolder.Find(Shared)!;
        using (folder.Hold(held))
            folder.RemoveUnfinished();
        Assert.False(File.Exists(Path.Combine(Shared, left)));
        Assert.All([held, .. isGiven ? others : others[..^1]], name => Assert.Equal(name, File.ReadAllText(Path.Combine(Shared, name))));
        Assert.True(Directory.Exists(Path.Combine(Shared, ".folder.00000000000000ee.softswitch")));
        Assert.Equal("precious", File.ReadAllText(Path.Combine(Shared, ".link.00000000000000ff.softswitch")));
        folder.RemoveUnfinished();
        Assert.False(File.Exists(Path.Combine(Shared, held)));
    }

    /// <summary>Where no other name can be given to what isn't to be replaced, a kill leaves the file with both.</summary>
    [Fact]
    public void A_file_that_has_its_unfinished_name_as_well_counts_when_that_is_gone()
    {
        StateFile.Write(Shared, "salt", "secret");
        string salt = Path.Combine(Shared, "salt"), other = Path.Combine(Shared, ".salt.1.softswitch");
        using (var made = System.Diagnostics.Process.Start("ln", [salt, other]))
            made.WaitForExit();
        Assert.Throws<IOException>(() => StateFile.Read(Shared, "salt", 100));
        StateFile.RemoveUnfinished(Shared);
        Assert.Equal("secret", StateFile.Read(Shared, "salt", 100));
    }

    [Fact]
    public async Task Who_looks_for_what_is_left_over_is_in_nobody_s_way()
    {
        using var folder = OwnFolder.Find(Shared)!;
        using var enough = new CancellationTokenSource();
        var looking = Task.Run(() =>
        {
            while (!enough.IsCancellationRequested)
                folder.RemoveUnfinished();
        }, TestContext.Current.CancellationToken);
        try
        {
            for (var i = 0; i < 200; i++)
                StateFile.Write(Shared, "a", $"{i}");
        }
        finally
        {
            await enough.CancelAsync();
            await looking;
        }
        Assert.Equal("199", StateFile.Read(Shared, "a", 100));
        Assert.Equal(["a"], Directory.GetFileSystemEntries(Shared).Select(Path.GetFileName));
    }

    [Fact]
    public void A_record_of_lines_is_not_appended_to_what_was_planted()
    {
        var path = Path.Combine(Shared, "flows");
        Assert.Equal(2, LineFile.Append(path, "a\n"u8, out _, out _));
        // Where others can write in the folder, a second name may be theirs, of any file of ours.
        File.Delete(path);
        using (var made = System.Diagnostics.Process.Start("ln", [Precious, path]))
            made.WaitForExit();
        Assert.Equal(0, LineFile.Append(path, "a\n"u8, out var errno, out _));
        Assert.Equal(Errno.EMLINK, errno);
        Assert.Equal("precious", File.ReadAllText(Precious));
        File.Delete(path);
        File.WriteAllText(path, "");
        if (!Give(path))
            return;
        Assert.Equal(0, LineFile.Append(path, "a\n"u8, out errno, out _));
        Assert.Contains(errno, new[] { Errno.EEXIST, Errno.EACCES });
        Assert.Equal("", File.ReadAllText(path));
    }

    /// <summary>Makes it a stranger's. False: only root can.</summary>
    private static bool Give(string path)
    {
        const int nofollow = Fcntl.AT_SYMLINK_NOFOLLOW;
        return Libc.fchownat(Fcntl.AT_FDCWD, path, Stranger, uint.MaxValue, nofollow) == 0;
    }
}
