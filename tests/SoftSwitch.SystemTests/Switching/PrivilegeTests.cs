using System.Globalization;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>What the running switch may still do, read from the kernel thread by thread.</summary>
public sealed class PrivilegeTests
{
    [Fact]
    public void A_running_switch_keeps_no_more_privilege_than_its_ports_need_and_its_workers_none()
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var started = SoftSwitchProcess.Start("""
            networks: { lab: { mode: internal } }
            ports: { t: { network: lab, kind: tap } }
            """, host);
        const ulong netAdminAndNetRaw = 1UL << 12 | 1UL << 13;
        Assert.Equal(0UL, Effective(started, "worker 0"));
        Assert.Equal(netAdminAndNetRaw, Effective(started, "control"));
        Assert.Equal(netAdminAndNetRaw, Effective(started, "softswitch"));
    }

    private static ulong Effective(SoftSwitchProcess started, string threadName)
    {
        var status = Directory.GetDirectories($"/proc/{started.Pid}/task")
            .Select(thread => File.ReadAllLines(Path.Combine(thread, "status")))
            .First(lines => lines[0] == $"Name:\t{threadName}");
        var line = status.Single(line => line.StartsWith("CapEff:", StringComparison.Ordinal));
        return ulong.Parse(line.AsSpan("CapEff:".Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
