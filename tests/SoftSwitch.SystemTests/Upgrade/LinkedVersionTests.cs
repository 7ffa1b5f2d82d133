using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Upgrade;

/// <summary>Versions side by side, and a link that says which one is installed: the one that it names by now goes on.</summary>
public sealed class LinkedVersionTests : IDisposable
{
    /// <summary>Nobody's.</summary>
    private const int Stranger = 65534;

    private readonly NetNs _host = new("host");
    private readonly string _folder = TemporaryFolder.NewPath(".versions");
    private readonly string _program, _socket, _config;
    private BackgroundProcess? _switch;

    public LinkedVersionTests()
    {
        Need.RealRoot("folders of somebody else");
        Need.Native();
        (_program, _socket, _config) = (At("bin/softswitch"), At("socket"), At("one.yaml"));
        Directory.CreateDirectory(At("bin"));
        foreach (var version in new[] { "1", "2", "3" })
        {
            Directory.CreateDirectory(At(version));
            File.Copy(PublishedExecutable.Path, At($"{version}/softswitch"));
        }
        File.WriteAllText(_config, $"state: {_folder}/state\nnetworks: {{ one: {{ mode: internal }} }}\n");
    }

    [Fact]
    public void What_the_link_names_by_now_goes_on_also_where_the_version_before_is_gone()
    {
        Start();
        Assert.Equal(At("1/softswitch"), Runs());
        Install("2");
        Assert.Contains($"({_program})", Upgrade("--dry-run").Succeeded().Output, StringComparison.Ordinal);
        Upgrade().Succeeded();
        Assert.Equal(At("2/softswitch"), Runs());
        // What was executed so knows its way as well, and needs nothing of the version that it was.
        Directory.Delete(At("2"), recursive: true);
        Install("3");
        Upgrade().Succeeded();
        Assert.Equal(At("3/softswitch"), Runs());
        Directory.Delete(At("3"), recursive: true);
        var refused = Upgrade();
        Assert.Equal(1, refused.ExitStatus);
        Assert.Contains($"the program can't be started: {_program}: no such file or directory (install it there", refused.Error,
            StringComparison.Ordinal);
    }

    /// <summary>Else he would have his own program executed with the switch's rights.</summary>
    [Fact]
    public void A_link_in_a_strangers_folder_names_nothing()
    {
        Shell.Run("chown", [$"{Stranger}", At("bin")]).Succeeded();
        Start();
        Install("2");
        Upgrade().Succeeded();
        Assert.Equal(At("1/softswitch"), Runs());
    }

    public void Dispose()
    {
        _switch?.Dispose();
        _host.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Start()
    {
        Install("1");
        _switch = _host.Start(_program, "run", _config, "--socket", _socket);
        _switch.WaitForOutputLine("ready");
    }

    private void Install(string version)
    {
        File.CreateSymbolicLink(At("bin/new"), $"../{version}/softswitch");
        File.Move(At("bin/new"), _program, overwrite: true);
    }

    private ShellResult Upgrade(params string[] options) =>
        _host.Exec(PublishedExecutable.Path, ["upgrade", "--socket", _socket, .. options], TimeSpan.FromSeconds(30));

    private string? Runs() => new FileInfo($"/proc/{_switch!.Pid}/exe").LinkTarget;

    private string At(string path) => Path.Combine(_folder, path);
}
