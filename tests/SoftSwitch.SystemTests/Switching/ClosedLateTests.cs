using System.Globalization;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>A process that is being started has copies of all descriptors until it runs its program: what goes with its descriptor goes
/// all the same when we close ours, and its name is free for what comes.</summary>
public sealed class ClosedLateTests
{
    /// <summary>linux/fcntl.h.</summary>
    private const int F_DUPFD_CLOEXEC = 1030;

    [Fact]
    public void A_name_is_free_at_once_though_somebody_has_a_copy_of_the_descriptor()
    {
        using var running = new AppliedSwitch();
        running.Links.CreateVethPair("clate", null, "far", null);
        running.Links.SetUp(running.Links.Find("clate")!.Index);
        running.Links.SetUp(running.Links.Find("far")!.Index);
        const string all = """
            networks:
              lan: { mode: bridged, uplink: clate }
              lab: { mode: host-only, subnet: 10.1.0.0/24, host: { interface: clate-host } }
              dev: { mode: nat, subnet: 10.2.0.0/24, outside: {} }
            ports:
              a: { network: lab, kind: tap, interface: clate-tap }
              b: { network: lab, kind: guest, interface: clate-guest }
            """;
        const string none = "networks: { lab: { mode: internal } }";
        running.Start(none);
        var names = running.Links.List().Select(link => link.Name).Order().ToArray();
        running.Apply(all);
        var there = running.Links.List().Select(link => link.Name).Order().ToArray();
        Assert.Contains("clate-tap", there);
        Assert.Contains("clate-host", there);
        Assert.Contains("sh-clate", there);
        var copies = Copies(["clate-tap", "clate-host", "sh-clate"]);
        try
        {
            Assert.True(copies.Count >= 3, $"{copies.Count} copies");
            running.Apply(none);
            Assert.Equal(names, running.Links.List().Select(link => link.Name).Order());
            running.Apply(all);
            Assert.Equal(there, running.Links.List().Select(link => link.Name).Order());
        }
        finally
        {
            copies.ForEach(copy => copy.Dispose());
        }
    }

    private static List<SafeFileHandle> Copies(string[] taps)
    {
        var copies = new List<SafeFileHandle>();
        foreach (var path in Directory.GetFiles("/proc/self/fdinfo"))
        {
            if (TapOf(path) is { } tap && taps.Contains(tap))
            {
                var copy = Libc.fcntl(int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture), F_DUPFD_CLOEXEC, 0);
                Assert.True(copy >= 0);
                copies.Add(new(copy, ownsHandle: true));
            }
        }
        return copies;
    }

    /// <summary>The interface whose descriptor it is (drivers/net/tun.c, tun_chr_show_fdinfo).</summary>
    private static string? TapOf(string info)
    {
        try
        {
            return File.ReadLines(info).FirstOrDefault(line => line.StartsWith("iff:", StringComparison.Ordinal))?[4..].Trim();
        }
        catch (IOException)
        {
            // Another test has closed it.
            return null;
        }
    }
}
