using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Lab;

/// <summary>`softswitch lab` on every rung of its ladder.</summary>
public sealed class LabLadderTests : IDisposable
{
    private const string LastLine = "everything is as the file says";

    private readonly ReadableCopy _copy = new();

    public void Dispose() => _copy.Dispose();

    [Fact]
    public void Root_has_taps()
    {
        Need.Root();
        Need.Tun();
        var output = Shell.Run(_copy.Executable, ["lab"]).Succeeded().Output;
        Assert.Contains("shown as root, each guest in a network namespace on a tap\n", output);
        Assert.Contains("\ndev: web, db booted by DHCP, and find each other by name\n", output);
        Assert.Contains("\nlab: box booted by DHCP, and finds the gateway by name\n", output);
        Assert.Matches(@"\nweb to db: one TCP stream \d+\.\d\d Gbit/s, \d+\.\d{3} ms there and back\n", output);
        Assert.Matches(@"\nweb to INTERNET: one TCP stream \d+\.\d\d Gbit/s, \d+\.\d{3} ms there and back\n", output);
        AllModes(output, "192.0.2.2", withHost: true);
        Assert.EndsWith($"\n{LastLine}\n", output);
    }

    [Fact]
    public void An_ordinary_user_has_taps_where_the_device_may_be_opened()
    {
        RootForAnother();
        Assert.SkipWhen((File.GetUnixFileMode("/dev/net/tun") & UnixFileMode.OtherWrite) == 0,
            "needs taps for everyone: chmod 0666 /dev/net/tun");
        var output = Run([.. _copy.AsOrdinaryUser(), _copy.Executable, "lab"]).Succeeded().Output;
        Assert.Contains("shown as an ordinary user, each guest in a network namespace on a tap\n", output);
        AllModes(output, "192.0.2.2", withHost: true);
        Assert.EndsWith($"\n{LastLine}\n", output);
    }

    [Fact]
    public void An_ordinary_user_has_veth_where_the_device_is_closed()
    {
        RootForAnother();
        var output = Run([.. WithoutTun(), .. _copy.AsOrdinaryUser(), _copy.Executable, "lab"]).Succeeded().Output;
        Assert.Contains("shown as an ordinary user, each guest in a network namespace on a veth pair and not on a tap, "
            + "because of /dev/net/tun: permission denied", output);
        Assert.Contains("one TCP stream", output);
        AllModes(output, "192.0.2.10", withHost: false);
        Assert.EndsWith($"\n{LastLine}\n", output);
    }

    [Fact]
    public void Root_has_veth_where_there_is_no_device()
    {
        RootForAnother();
        var output = Run([.. WithoutTun(), _copy.Executable, "lab"]).Succeeded().Output;
        Assert.Contains("shown as root, each guest in a network namespace on a veth pair and not on a tap, because of /dev/net/tun: "
            + "no such file", output);
        Assert.EndsWith($"\n{LastLine}\n", output);
    }

    [Fact]
    public void Guests_are_in_memory_where_no_namespaces_are_allowed()
    {
        RootForAnother();
        var output = Run([.. WithoutNamespaces(), _copy.Executable, "lab"]).Succeeded().Output;
        Assert.Contains("shown in memory, because of no more user or network namespaces are allowed here (ENOSPC)", output);
        Assert.Contains("not shown: ", output);
        Assert.DoesNotContain("Gbit/s", output);
        AllModes(output, "192.0.2.10", withHost: false);
        Assert.EndsWith($"\n{LastLine}\n", output);
    }

    [Fact]
    public void Guests_are_in_memory_where_a_namespace_is_worth_nothing()
    {
        RootForAnother();
        // What AppArmor makes of it: the program finds itself inside, and without a capability.
        var output = Run([.. _copy.AsOrdinaryUser(), "env", "SOFTSWITCH_LAB_INSIDE=1", _copy.Executable, "lab"]).Succeeded().Output;
        Assert.Contains("shown in memory, because of a user namespace that is allowed nothing (EPERM): ", output);
        Assert.EndsWith($"\n{LastLine}\n", output);
    }

    [Fact]
    public void Without_namespaces_there_is_no_prompt_and_one_line_says_so()
    {
        RootForAnother();
        var result = Run([.. WithoutNamespaces(), _copy.Executable, "lab", "--shell", "red"]);
        Assert.Equal(1, result.ExitStatus);
        Assert.StartsWith("softswitch: no prompt inside red: it has no kernel here, because of ", result.Error);
        Assert.Single(result.Error.TrimEnd('\n').Split('\n'));
    }

    /// <summary>Who reaches whom in the built-in lab, how the nat network is seen, where its forward leads.</summary>
    private static void AllModes(string output, string seenAs, bool withHost)
    {
        //                      uplink desk web db box red green INTERNET (HOST)
        var (yes, ipv4, no) = withHost ? (" +yes", " +IPv4", " +-") : ("", "", "");
        Assert.Matches($@"\nuplink +yes +- +- +- +- +- +-{yes}\n", output);
        Assert.Matches($@"\ndesk +yes +- +- +- +- +- +-{yes}\n", output);
        Assert.Matches($@"\nweb +- +- +yes +- +- +- +IPv4{ipv4}\n", output);
        Assert.Matches($@"\nbox +- +- +- +- +- +- +-{yes}\n", output);
        Assert.Matches($@"\nred +- +- +- +- +- +yes +-{no}\n", output);
        Assert.Matches($@"\nINTERNET +- +- +- +- +- +- +-{yes}\n", output);
        Assert.Contains($"\ndev: INTERNET sees web as {seenAs}\n", output);
        Assert.Contains("\ndev: tcp/2222 leads INTERNET to web:22\n", output);
        if (withHost)
            Assert.DoesNotContain("not shown", output);
        else
            Assert.Contains("\nnot shown: the host's address, shared (dev: with one of its own here)\n"
                + "not shown: the host, which is a station by a tap\n", output);
    }

    private static ShellResult Run(IReadOnlyList<string> all) => Shell.Run(all[0], all.Skip(1));

    private static void RootForAnother()
    {
        if (!Environment.IsPrivilegedProcess)
            Need.Missing("needs root, to become another user: run the tests as root");
        Need.Tool("unshare");
    }

    /// <summary>In a mount namespace of its own, so that nobody else misses the device.</summary>
    private IReadOnlyList<string> WithoutTun() =>
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", $"mount --bind {_copy.EmptyFolder} /dev/net && exec \"$@\"", "sh"];

    /// <summary>As a user of a user namespace that allows no other, and without a capability in it.</summary>
    private static IReadOnlyList<string> WithoutNamespaces() =>
        ["unshare", "--user", "--map-root-user", "sh", "-c",
         $"echo 0 > /proc/sys/user/max_user_namespaces && exec {Need.Tool("setpriv")} --bounding-set -all --inh-caps -all \"$@\"", "sh"];
}
