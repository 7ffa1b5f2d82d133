using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.State.Nat;

namespace SoftSwitch.Tests.Nat;

/// <summary>The flow log as a file.</summary>
public sealed class FlowLogFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ss-flows-");
    private readonly MemoryPort _greedy = new("greedy"), _modest = new("modest");

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        _greedy.Dispose();
        _modest.Dispose();
    }

    [Fact]
    public void Who_makes_more_flows_than_there_may_be_lines_loses_his_own_and_file_and_log_say_whose_they_were()
    {
        var path = Path.Combine(_folder.FullName, "flows.log");
        var bridge = new Bridge("dev", TimeSpan.FromSeconds(300));
        var subnet = Ipv4Subnet.Containing(Ipv4Address.Parse("10.10.0.0"), 24);
        var gateway = new Gateway("dev.gateway", new(0x0253_0000_0001), subnet.First, subnet, 1500, 1, 0);
        bridge.SetUp(bridge.Attach(gateway), true);
        var (greedy, modest) = (Up(_greedy), Up(_modest));
        var network = new NatNetwork(
            new NetworkModel
            {
                Name = "dev", Mode = NetworkMode.Nat, Subnet = subnet, Gateway = subnet.First, Nat = new() { FlowLog = path },
            }, gateway);
        var (logs, log) = (new FlowLogs(), new RememberedLog());
        var (written, shares) = (logs.Take(), new NaptLogShare[2]);
        for (var i = 0; i < 30_000; i++)
        {
            Write(greedy, ref shares[0], i);
            if (i % 3_000 == 0)
                Write(modest, ref shares[1], i);
        }
        using (new FlowLogFile([network], logs, log))
            Assert.True(SpinWait.SpinUntil(() => log.Lines.Count > 0, TimeSpan.FromSeconds(60)));
        const string missing = "20010 lines were not written, for there were more than 10000 in a second: 20010 of port greedy";
        Assert.Equal(missing, Assert.Single(log.Lines).Message);
        var lines = File.ReadAllLines(path);
        Assert.Equal(10_000 + 1, lines.Length);
        Assert.Equal(10, lines.Count(line => line.Contains($" dev began udp {Inside(modest)}:")));
        Assert.Single(lines, line => line.EndsWith($"Z {missing}", StringComparison.Ordinal));

        Membership Up(MemoryPort port)
        {
            var member = bridge.Attach(port);
            bridge.SetUp(member, true);
            return member;
        }

        void Write(Membership guest, ref NaptLogShare share, int number) => written.Write(
            new(new Instant(Environment.TickCount64), true, NaptOwner.Of(0, guest.Slot, 0), IpProtocol.Udp, Inside(guest), (ushort)number,
                default, 1, default, 1), ref share);
    }

    /// <summary>Another program goes on in this process within the second until the next line is written.</summary>
    [Fact]
    public void What_has_come_is_in_the_file_when_another_program_goes_on()
    {
        var path = Path.Combine(_folder.FullName, "kept.log");
        var subnet = Ipv4Subnet.Containing(Ipv4Address.Parse("10.10.0.0"), 24);
        var network = new NatNetwork(
            new NetworkModel
            {
                Name = "dev", Mode = NetworkMode.Nat, Subnet = subnet, Gateway = subnet.First, Nat = new() { FlowLog = path },
            }, new("dev.gateway", new(0x0253_0000_0001), subnet.First, subnet, 1500, 1, 0));
        var (logs, share) = (new FlowLogs(), default(NaptLogShare));
        var written = logs.Take();
        using var file = new FlowLogFile([network], logs, new RememberedLog());
        for (var round = 1; round <= 3; round++)
        {
            written.Write(new(new Instant(Environment.TickCount64), true, NaptOwner.Of(0, 1, 0), IpProtocol.Udp, subnet.First, 1,
                default, 1, default, 1), ref share);
            file.Keep();
            Assert.Equal(round, File.ReadAllLines(path).Length);
        }
    }

    private static Ipv4Address Inside(Membership guest) => new(0x0A0A_0000u + guest.Slot);
}
