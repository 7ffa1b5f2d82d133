using System.Text.RegularExpressions;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>The record of flows: what stands in its way is told and costs nothing but lines, whose number is told too.</summary>
public sealed partial class FlowLogTests : IDisposable
{
    private readonly World _world = new();
    private readonly string _folder = TemporaryFolder.NewPath("");

    private string File => Path.Combine(_folder, "flows.log");

    public void Dispose()
    {
        _world.Dispose();
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_missing_folder_is_said_before_the_first_flow_and_flows_that_are_open_at_the_end_end_in_the_log()
    {
        using var server = new WhoServer(_world.Far, 4000, World.FarAddress);
        using var started = Start();
        Assert.Contains($"error flow-log {File}: ", started.WaitForLine($"mkdir -p {_folder}"));
        Directory.CreateDirectory(_folder);
        Eventually.Holds(() => System.IO.File.Exists(File));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, System.IO.File.GetUnixFileMode(File));
        using var tcp = Conversation.Open(_world.One, "tcp", World.FarAddress, 4000);
        using var udp = Conversation.Open(_world.Two, "udp", World.FarAddress, 4000);
        var (tcpSeen, udpSeen) = (tcp.Ask(), udp.Ask());
        started.Terminate();
        var lines = Lines();
        foreach (var flow in new[] { $"tcp {World.OneAddress}:{tcp.Port} {tcpSeen}", $"udp {World.TwoAddress}:{udp.Port} {udpSeen}" })
        {
            Assert.Single(lines, line => line.Contains($" dev began {flow} "));
            Assert.Single(lines, line => line.Contains($" dev ended {flow} "));
        }
    }

    [Fact]
    public void At_its_size_limit_the_switch_lives_no_line_is_cut_and_what_is_lost_is_counted()
    {
        Need.Tool("prlimit");
        Directory.CreateDirectory(_folder);
        using var started = Start();
        Eventually.Holds(() => System.IO.File.Exists(File));
        Shell.Check($"prlimit --pid {started.Pid} --fsize=1000:");
        Flood.NewFlows(_world.One, 50);
        started.WaitForLine($"error flow-log {File}: flows are not recorded: ");
        Assert.All(Lines(), line => Assert.Matches(Line(), line));
        Shell.Check($"prlimit --pid {started.Pid} --fsize=unlimited:");
        started.WaitForLine("flows are recorded again");
        started.Terminate();
        var lines = Lines();
        var lost = Assert.Single(lines, line => line.Contains(" lines were lost: "));
        Assert.All(lines.Where(line => line != lost), line => Assert.Matches(Line(), line));
        // All that began have ended, here or in what was lost.
        Assert.Equal(100, lines.Count(line => line != lost && line.Contains(" udp ")) + int.Parse(lost.Split(' ')[1]));
    }

    private string[] Lines() => System.IO.File.ReadAllText(File).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private SoftSwitchProcess Start() => _world.Start($$"""
        networks:
          dev: { mode: nat, subnet: {{World.Inside}}, flow-log: {{File}} }
        {{_world.Ports}}
        """);

    [GeneratedRegex("^[0-9TZ:.-]+ dev (began|ended) (udp|tcp|icmp) [0-9.]+:[0-9]+ [0-9.]+:[0-9]+ [0-9.]+:[0-9]+ (one|two|-)$")]
    private static partial Regex Line();
}
