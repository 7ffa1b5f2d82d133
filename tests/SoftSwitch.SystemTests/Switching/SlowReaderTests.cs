using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Endpoints.Tap;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>What goes out by a port was received there, or is told as dropped at the other end: the kernel itself says how much.</summary>
[Collection(typeof(AloneOnTheMachine))]
public sealed class SlowReaderTests
{
    private const int Frames = 20_000;

    [Fact]
    public void What_a_guest_reads_too_slowly_for_and_what_a_namespace_does_not_take_is_named()
    {
        Need.Tun();
        using NetNs host = new("host"), sender = new("sender"), deaf = new("deaf");
        // Each end is quiet but for what the test sends.
        foreach (var end in new[] { sender, deaf })
            end.Check("sysctl -qw net.ipv6.conf.default.disable_ipv6=1");
        using var lab = SoftSwitchProcess.Start($$"""
            networks: { lan: { mode: internal } }
            ports:
              fast: { network: lan, kind: tap, netns: "{{sender.Name}}" }
              deaf: { network: lan, kind: tap, netns: "{{deaf.Name}}" }
              slow: { network: lan, kind: guest }
            """, host);
        using var space = NetworkNamespace.Open(host.Path);
        using (var first = space.Run(() => TapDevice.Attach("slow", 0)))
        {
            Eventually.Holds(() => lab.Items("ports").All(port => port.GetProperty("state").GetString() == "up"));
            Flood(sender);
            // Nobody has read so far. From now on the guest does.
            Balance(lab, first, 0);
        }
        // What the tap has dropped before is told once, also when another guest comes.
        using var second = space.Run(() => TapDevice.Attach("slow", 0));
        var (dropped, read) = (Dropped(lab, "slow"), Out(lab, "slow") - Dropped(lab, "slow"));
        Assert.True(dropped > 1_000, $"{dropped} frames were dropped");
        Flood(sender);
        Balance(lab, second, read);
        Eventually.Holds(() => Dropped(lab, "slow") > dropped);
        // Nothing takes such frames in that namespace.
        Eventually.Equal(deaf.Check("cat /sys/class/net/deaf/statistics/rx_dropped").Trim(), () => $"{Dropped(lab, "deaf")}");
        Assert.Equal(Out(lab, "deaf"), Dropped(lab, "deaf"));
    }

    /// <summary>Waits until all that went out by the guest's port was read, or is told as dropped.</summary>
    private static void Balance(SoftSwitchProcess lab, SafeFileHandle guest, long read) => Eventually.Holds(() =>
    {
        read += ReadAll(guest);
        return Out(lab, "slow") == read + Dropped(lab, "slow");
    });

    private static void Flood(NetNs sender) => RawFrames.Send(sender, "fast", Frames, 60, (_, frame) =>
    {
        frame.AsSpan(0, 6).Fill(0xFF);
        ((ReadOnlySpan<byte>)[0x02, 0, 0, 0, 0x03, 0x01]).CopyTo(frame.AsSpan(6));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), 0x88B5);
    });

    private static unsafe long ReadAll(SafeFileHandle guest)
    {
        var frame = stackalloc byte[2048];
        long count = 0;
        while (Libc.read((int)guest.DangerousGetHandle(), frame, 2048) > 0)
            count++;
        return count;
    }

    private static long Out(SoftSwitchProcess lab, string port) => lab.Items("ports")
        .Single(item => item.GetProperty("name").GetString() == port).GetProperty("out").GetProperty("frames").GetInt64();

    private static long Dropped(SoftSwitchProcess lab, string port) => lab.Items("drops")
        .Where(drop => (drop.GetProperty("port").GetString(), drop.GetProperty("reason").GetString()) == (port, "receiver-dropped"))
        .Sum(drop => drop.GetProperty("count").GetInt64());
}
