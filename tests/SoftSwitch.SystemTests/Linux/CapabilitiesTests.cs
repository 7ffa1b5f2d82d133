using System.Globalization;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Privileges;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Linux;

public class CapabilitiesTests
{
    private const ulong NetAdmin = 1ul << 12, NetRaw = 1ul << 13, SysAdmin = 1ul << 21;

    [Fact]
    public void A_thread_keeps_only_what_is_named()
    {
        using var sandbox = Make();
        var before = Status("CapEff");
        sandbox.Namespace.Run(() =>
        {
            Capabilities.KeepOnly(Capability.NetAdmin, Capability.NetRaw);
            Assert.Equal(NetAdmin | NetRaw, Status("CapEff"));
            Assert.Equal(NetAdmin | NetRaw, Status("CapPrm"));
            Assert.Equal(NetAdmin | NetRaw, Status("CapBnd"));
            Assert.Equal((0ul, 0ul, 1ul), (Status("CapInh"), Status("CapAmb"), Status("NoNewPrivs")));
            Assert.True(Capabilities.Has(Capability.NetAdmin));
            Assert.False(Capabilities.Has(Capability.SysAdmin));
            sandbox.Links.CreateVethPair("a", null, "b", null);
        });
        // The other threads have what they had.
        Assert.Equal((before, 0ul), (Status("CapEff"), Status("NoNewPrivs")));
    }

    [Fact]
    public void What_was_given_up_does_not_come_back()
    {
        using var sandbox = Make();
        sandbox.Namespace.Run(() =>
        {
            Capabilities.KeepOnly(Capability.NetRaw);
            Capabilities.KeepOnly(Capability.NetRaw, Capability.NetAdmin);
            Assert.Equal(NetRaw, Status("CapPrm"));
            Assert.Equal(NetRaw, Status("CapBnd"));
        });
    }

    [Fact]
    public void A_thread_without_any_may_change_nothing_and_neither_may_its_threads_and_programs()
    {
        using var sandbox = Make();
        sandbox.Namespace.Run(() =>
        {
            Capabilities.DropAll();
            Assert.Equal((0ul, 0ul, 0ul), (Status("CapEff"), Status("CapPrm"), Status("CapBnd")));
            using var links = new Links();
            var refused = Assert.Throws<SystemCallException>(() => links.CreateVethPair("a", null, "b", null));
            Assert.Equal(Errno.EPERM, refused.ErrorNumber);
            Assert.Throws<SystemCallException>(() => new PacketSocket(1, 0));
            var inherited = ulong.MaxValue;
            var thread = new Thread(() => inherited = Status("CapEff"));
            thread.Start();
            thread.Join();
            Assert.Equal(0ul, inherited);
            Assert.Contains("CapEff:\t0000000000000000", Shell.RunAsCaller("grep", ["CapEff", "/proc/self/status"]).Output);
        });
    }

    private static Sandbox Make()
    {
        if ((Status("CapEff") & (NetAdmin | NetRaw | SysAdmin)) != (NetAdmin | NetRaw | SysAdmin))
            Need.Missing("needs capabilities to give up: run the tests as root, or in: unshare --user --map-root-user --net");
        return Sandbox.Make();
    }

    /// <summary>A number of the kernel's own account of the calling thread; the sets are hexadecimal, as the flag of one digit may
    /// be.</summary>
    private static ulong Status(string field)
    {
        var line = File.ReadLines("/proc/thread-self/status").Single(l => l.StartsWith(field + ":", StringComparison.Ordinal));
        return ulong.Parse(line.AsSpan(field.Length + 1).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
