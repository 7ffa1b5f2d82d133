using System.Text.RegularExpressions;

namespace SoftSwitch.SystemTests.Peers;

/// <summary>On a machine where one peer is missing, what uses it is skipped, and nothing else: each program is looked for by itself, by
/// whoever starts it.</summary>
public class NeedTests
{
    public static TheoryData<string> Programs => [.. Peers.Programs.Packages.Keys];

    [Theory]
    [MemberData(nameof(Programs))]
    public void A_missing_program_is_noticed_however_it_is_started(string missing)
    {
        var line = $"needs {missing}: apt-get install {Peers.Programs.Packages[missing]}";
        Assert.Equal(line, Lack(missing, missing, "-V"));
        foreach (var (starter, words) in new[]
        {
            ("ip", $"netns exec sst1-1-host {missing} list ruleset"),
            ("env", $"LC_ALL=C {missing}"),
            ("unshare", $"--user --map-root-user --net sh -c x=$({missing}|cat)"),
            ("setpriv", $"--reuid 65534 /usr/sbin/{missing} {missing}"),
        })
        {
            if (missing is "sh" or "cat" || missing == starter)
                continue;
            Assert.Equal(line, Lack(missing, starter, words.Split(' ')));
        }
        Assert.Equal(line, Lack(missing, missing == "sh" ? "env" : "sh", "-c", $"for i in 1 2; do\n  {missing} list; done 2> /dev/null"));
    }

    [Theory]
    [InlineData("ping", "-c", "1", "nft")]
    [InlineData("ip", "link", "add", "name", "br0", "type", "bridge")]
    [InlineData("sh", "-c", "echo 1 > /proc/sys/net/ipv4/tcp_ecn; cat /usr/share/nft-rules --nft=x")]
    public void What_only_looks_like_one_is_none(string program, params string[] arguments) => Assert.Null(Lack("nft", program, arguments));

    [Fact]
    public void A_program_that_nobody_declared_fails_the_test()
    {
        Assert.Contains("add it to Programs.Packages", Assert.Throws<ArgumentException>(() => Shell.Run("netcat -l 4000")).Message);
        Assert.Contains("add it to Programs.Packages",
            Assert.Throws<ArgumentException>(() => new BackgroundProcess("netcat", "-l")).Message);
    }

    [Fact]
    public void A_file_that_is_not_there_is_told_by_its_path() =>
        Assert.Equal("needs /opt/none, which does not exist", Need.Lack("/opt/none", [], _ => null));

    /// <summary>A test that starts programs on its own would run into what <see cref="Shell"/> skips.</summary>
    [Fact]
    public void Nobody_else_starts_programs()
    {
        var folder = Path.Combine(SourceTree.Root, "tests", "SoftSwitch.SystemTests");
        var own = Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/") && !file.Contains("/bin/")
                && Path.GetFileName(file) is not ("Shell.cs" or "Privilege.cs" or "NeedTests.cs"))
            .Where(file => Regex.IsMatch(File.ReadAllText(file), @"\bProcess\.Start\(|new Process(StartInfo)?\b"));
        Assert.Empty(own.Select(file => Path.GetRelativePath(folder, file)));
    }

    /// <summary>Where everything has to be in place, everything is installed.</summary>
    [Fact]
    public void All_packages_are_in_the_CI_run()
    {
        var run = File.ReadAllText(Path.Combine(SourceTree.Root, ".ci", "run"));
        string[] everywhere = ["dash", "grep", "libc-bin", "coreutils", "mount", "bsdutils", "dotnet-sdk-10.0"];
        Assert.All(Peers.Programs.Packages.Values.Except(everywhere),
            package => Assert.Matches($@"\n    [^#\n]*(?<![\w-]){Regex.Escape(package)}(?![\w-])", run));
    }

    private static string? Lack(string missing, string program, params string[] arguments) =>
        Need.Lack(program, arguments, name => name == missing ? null : $"/usr/bin/{name}");
}
