using System.Buffers.Binary;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>Single frames by hand, with tshark at the other end.</summary>
[Collection(typeof(AloneOnTheMachine))]
public sealed class WireTests
{
    private static readonly byte[] s_source = [0x02, 0, 0, 0, 0x03, 0x01];

    [Theory]
    [InlineData(0x8100, 5, 60)]
    [InlineData(0x8100, 4094, 1518)]
    [InlineData(0x88A8, 7, 64)]
    public void A_tagged_frame_keeps_its_tag_and_every_byte(int type, int vlan, int length)
    {
        using var lab = new NicTests.Lab();
        using var capture = new Capture(lab.Right, "eth0", filter: "ether src 02:00:00:00:03:01");
        RawFrames.Send(lab.Left, "eth0", 1, length, (_, frame) =>
        {
            Address(frame);
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), (ushort)type);
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(14), (ushort)(0x6000 | vlan));
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(16), 0x88B5);
            for (var i = 18; i < frame.Length; i++)
                frame[i] = (byte)i;
        });
        Eventually.Holds(() => lab.Switch.Items("fdb").Any(entry => entry.GetProperty("mac").GetString() == "02:00:00:00:03:01"));
        Thread.Sleep(300);
        var fields =
            Assert.Single(Tshark.Fields(capture.Stop(), "eth", "frame.len", "vlan.id", "ieee8021ad.id", "vlan.priority", "data.data"));
        Assert.Equal($"{length}", fields[0]);
        Assert.Equal($"{vlan}", fields[1] + fields[2]);
        Assert.Contains("18191a1b", fields[4].Replace(":", "") + string.Join("", Enumerable.Range(24, 4).Select(i => $"{i:x2}")));
    }

    [Fact]
    public void A_short_frame_is_padded_with_zeros_and_reserved_or_forged_ones_go_nowhere()
    {
        using var lab = new NicTests.Lab();
        using var capture = new Capture(lab.Right, "eth0", filter: "ether proto 0x88b5");
        void Send(byte[] destination, byte[] source, int length) => RawFrames.Send(lab.Left, "eth0", 1, length, (_, frame) =>
        {
            frame.AsSpan().Fill(0xEE);
            destination.CopyTo(frame, 0);
            source.CopyTo(frame, 6);
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), 0x88B5);
        });
        byte[] broadcast = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
        Send(broadcast, s_source, 1000);
        Send(broadcast, s_source, 20);
        Send([0x01, 0x80, 0xC2, 0, 0, 0x0E], s_source, 100);
        Send(broadcast, [0x03, 0, 0, 0, 0, 1], 100);
        Send(broadcast, [0, 0, 0, 0, 0, 0], 100);
        Eventually.Holds(() => Drops(lab, "source-not-unicast") == 2 && Drops(lab, "reserved-address") >= 1);
        Thread.Sleep(300);
        var frames = Tshark.Fields(capture.Stop(), "eth", "frame.len", "data.data");
        Assert.Equal(["1000", "60"], frames.Select(frame => frame[0]));
        Assert.Equal("eeeeeeeeeeee" + new string('0', 80), frames[1][1].Replace(":", ""));
    }

    [Fact]
    public void Many_forged_sources_at_one_port_push_out_no_station_of_another_and_memory_stays()
    {
        using var lab = new NicTests.Lab();
        var (left, right) = (lab.Left.Mac("eth0"), lab.Right.Mac("eth0"));
        using var attacker = new NetNs("attacker");
        lab.Host.Veth("nic3", attacker, "eth0");
        using var second = SoftSwitchProcess.Start("""
            networks: { lan: { mode: bridged, uplink: nic1 } }
            ports: { nic2: { network: lan, kind: nic }, nic3: { network: lan, kind: nic } }
            """, lab.Host);
        lab.Switch.Terminate();
        Ping.Wait(lab.Left, "10.7.0.2");

        void Flood(int count) => RawFrames.Send(attacker, "eth0", count, 60, (i, frame) =>
        {
            Address(frame);
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(8), i);
        });
        Flood(100_000);
        Ping.Wait(lab.Left, "10.7.0.2");
        var before = Resident(second.Pid);
        Flood(300_000);
        Ping.Wait(lab.Left, "10.7.0.2");
        var after = Resident(second.Pid);

        var stations = second.Items("networks")[0].GetProperty("stations").GetInt32();
        Assert.InRange(stations, 20_000, 65_536);
        var page = second.Client("show", "fdb", "--json", "--port", "nic1").Succeeded().Output
            + second.Client("show", "fdb", "--json", "--port", "nic2").Succeeded().Output;
        Assert.Contains(left, page);
        Assert.Contains(right, page);
        var forged = second.Items("drops").Where(drop => drop.GetProperty("reason").GetString() == "station-flood")
            .Sum(drop => drop.GetProperty("count").GetInt64());
        Assert.True(forged > 100_000, $"{forged} frames were dropped as forged");
        Assert.True(after < before + 16 * 1024, $"{before} kB became {after} kB");
    }

    private static void Address(byte[] frame)
    {
        frame.AsSpan(0, 6).Fill(0xFF);
        s_source.CopyTo(frame, 6);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), 0x88B5);
    }

    private static long Drops(NicTests.Lab lab, string reason) =>
        lab.Switch.Items("drops").Where(drop => drop.GetProperty("reason").GetString() == reason)
            .Sum(drop => drop.GetProperty("count").GetInt64());

    private static long Resident(int pid) =>
        long.Parse(File.ReadLines($"/proc/{pid}/status")
            .First(line => line.StartsWith("VmRSS:")).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
}
