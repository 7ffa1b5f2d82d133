using System.Text.Json;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Logging;

/// <summary>
/// A switch that a shell starts with redirections of its own, with a veth and a tap port whose other ends are in a container that plays
/// with them. The shell becomes the switch; $SWITCH in the script is the command, files are in $DIR.
/// </summary>
internal sealed class RedirectedSwitch : IDisposable
{
    private readonly NetNs _host = new("host");
    private readonly NetNs _box = new("box");
    private readonly BackgroundProcess _process;
    private readonly string _socket;

    public RedirectedSwitch(string script, params string[] arguments)
    {
        Need.Tun();
        Directory.CreateDirectory(Folder);
        _socket = System.IO.Path.Combine(Folder, "s");
        var file = System.IO.Path.Combine(Folder, "switch.yaml");
        File.WriteAllText(file, $$"""
            networks: { lab: { mode: internal } }
            ports:
              v: { network: lab, kind: veth, netns: "{{_box.Name}}", interface: eth0, address: 10.5.0.1/24 }
              t: { network: lab, kind: tap, netns: "{{_box.Name}}", interface: eth1, address: 10.5.1.1/24 }
            """);
        var command = string.Join(' ', [PublishedExecutable.Path, "run", file, "--socket", _socket, .. arguments]);
        _process = _host.Start("sh", "-c", $"DIR={Folder}; SWITCH='{command}'; cd $DIR; {script}");
        Eventually.Holds(() => State("v") == "up", seconds: 30);
    }

    public string Folder { get; } = TemporaryFolder.NewPath("");

    public int Pid => _process.Pid;

    public BackgroundProcess Process => _process;

    /// <summary>A file of the folder as the switch sees it, which may have mounted something there.</summary>
    public string Path(string name) => $"/proc/{Pid}/root{Folder}/{name}";

    /// <summary>Standard error, where the script has led it into the file `err`.</summary>
    public string[] Log => ReadLines(System.IO.Path.Combine(Folder, "err"));

    public static string[] ReadLines(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>The state of a port; null: no answer.</summary>
    public string? State(string port)
    {
        var shown = Client("show", "ports", "--json");
        if (shown.ExitStatus != 0) return null;
        using var document = JsonDocument.Parse(shown.Output);
        return document.RootElement.GetProperty("items").EnumerateArray()
            .Single(item => item.GetProperty("name").GetString() == port).GetProperty("state").GetString();
    }

    public ShellResult Client(params string[] words) => _host.Exec(PublishedExecutable.Path, [.. words, "--socket", _socket]);

    /// <summary>A pipeline of a shell; $SHOW is the command `show ports`.</summary>
    public ShellResult Pipeline(string script, TimeSpan? limit = null) => _host.Exec(
        "sh", ["-c", $"SHOW='{PublishedExecutable.Path} show ports --socket {_socket}'; {script}"], limit);

    /// <summary>Takes the container's end down and up again, and again.</summary>
    public void Flap(string @interface, int times, string between = ":") => _box.Exec(
        "sh",
        ["-c", $"i=0; while [ $i -lt {times} ]; do ip link set {@interface} down; {between}; ip link set {@interface} up; {between}; "
            + "i=$((i+1)); done"])
        .Succeeded();

    /// <summary>
    /// That nothing has stopped what runs: the control loop sees a port go down and come up, and SIGTERM ends it as ever.
    /// </summary>
    public void LivesAndEnds()
    {
        _box.Check("ip link set eth0 down");
        Eventually.Holds(() => State("v") == "down");
        _box.Check("ip link set eth0 up");
        Eventually.Holds(() => State("v") == "up");
        _process.Signal("TERM");
        Assert.Equal(0, _process.WaitForExit(TimeSpan.FromSeconds(10)));
    }

    public void Dispose()
    {
        _process?.Dispose();
        _box.Dispose();
        _host.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
