using System.Buffers.Binary;
using SoftSwitch.Linux.Endpoints.Tap;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Packets;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>A few frames, written by hand, that kernels and guests leave to be finished beside the usual: tunnels, LRO, UFO.</summary>
public sealed class WrittenOffloadTests
{
    /// <summary>The outer header's length, what stands between it and the inner packet, and the inner packet's family.</summary>
    [Theory]
    [InlineData("VXLAN", 4, 17, "C350 0009 0000 0000 08000000 00000700 020000000002 020000000001 0800", 4)]
    [InlineData("GENEVE", 4, 17, "C350 000B 0000 0000 0200 6558 00000700 01020301 09090909 020000000002 020000000001 86DD", 6)]
    [InlineData("GRE", 4, 47, "2000 0800 00000009", 4)]
    [InlineData("GRE", 4, 47, "0000 86DD", 6)]
    [InlineData("GRE", 6, 47, "0000 0800", 4)]
    [InlineData("Ethernet in GRE", 4, 47, "2000 6558 00000009 020000000002 020000000001 0800", 4)]
    [InlineData("Ethernet in GRE", 6, 47, "0000 6558 020000000002 020000000001 86DD", 6)]
    [InlineData("IPIP", 4, 4, "", 4)]
    [InlineData("SIT", 4, 41, "", 6)]
    [InlineData("4in6", 6, 4, "", 4)]
    [InlineData("6in6", 6, 41, "", 6)]
    public void A_super_frame_in_a_tunnel_is_cut_by_the_kernel(string tunnel, int outer, byte protocol, string between, int inner)
    {
        Need.RealRoot("a program in the kernel");
        if (Environment.OSVersion.Version < new Version(6, 6))
            Need.Missing("needs Linux 6.6, where frames leave through programs");
        using var lab = new Guest("nic");
        lab.Host.OffloadsOff("nic2");
        lab.Other.OffloadsOff("eth0");
        using var capture = new Capture(lab.Other, "eth0");
        WriteTunnel(lab, outer, protocol, between, inner);
        Thread.Sleep(300);
        var file = capture.Stop();
        Assert.True(Tshark.Count(file, "tcp.len == 1200") == 10, $"{tunnel}: {Tshark.Count(file, "tcp.len == 1200")} segments of 10");
        Assert.Empty(Tshark.Judge(file));
        Assert.Equal(0, lab.Switch.Items("networks").Single().GetProperty("segments").GetInt64());
    }

    /// <summary>Who drops all that is long drops each of them, and no segment: as if the program there worked no more.</summary>
    [Fact]
    public void Where_the_kernel_takes_no_super_frame_in_a_tunnel_any_more_it_is_cut_in_software()
    {
        Need.RealRoot("a program in the kernel");
        using var lab = new Guest("nic");
        lab.Host.OffloadsOff("nic2");
        lab.Other.OffloadsOff("eth0");
        lab.Host.Check("tc qdisc add dev nic2 clsact");
        lab.Host.Exec("tc", ["filter", "add", "dev", "nic2", "egress", "bpf", "da", "bytecode",
            "4,128 0 0 0,37 0 1 2000,6 0 0 2,6 0 0 4294967295"]).Succeeded();
        using var capture = new Capture(lab.Other, "eth0");
        for (var i = 0; i < 40; i++)
        {
            WriteTunnel(lab, 4, 47, "2000 0800 00000009", 4);
            Thread.Sleep(5);
        }
        Thread.Sleep(300);
        var file = capture.Stop();
        Assert.Equal((40 - 16) * 10, Tshark.Count(file, "tcp.len == 1200"));
        Assert.Empty(Tshark.Judge(file));
    }

    [Fact]
    public void Frames_that_the_kernel_cannot_hand_over_are_counted_and_cost_no_other()
    {
        using var lab = new Guest("guest");
        for (var i = 0; i < 100; i++)
        {
            lab.Write(default, Udp(100));
            if (i % 10 == 5)
                lab.Write(new() { Flags = VirtioNetFlags.NeedsChecksum, GsoType = GsoType.UdpFragments, HeaderLength = 42, GsoSize = 1480,
                    ChecksumStart = 34, ChecksumOffset = 6 }, Udp(5000));
        }
        Eventually.Holds(() => lab.Switch.Items("ports").Single(port => port.GetProperty("name").GetString() == "nic1")
            .GetProperty("in").GetProperty("frames").GetInt64() >= 110);
        var drops = lab.Switch.Items("drops").Where(drop => drop.GetProperty("port").GetString() == "nic1").ToList();
        var lost = Assert.Single(drops);
        Assert.Equal(("offload-unsupported", 10), (lost.GetProperty("reason").GetString(), lost.GetProperty("count").GetInt32()));
    }

    [Theory]
    [InlineData(VirtioNetFlags.None)]
    [InlineData(VirtioNetFlags.DataValid)]
    public void Super_frames_of_a_NIC_that_merges_what_it_receives_are_cut_right(VirtioNetFlags flags)
    {
        using var lab = new Guest("nic");
        lab.Host.OffloadsOff("nic2");
        lab.Other.OffloadsOff("eth0");
        using var capture = new Capture(lab.Other, "eth0", filter: "tcp");
        for (var i = 0; i < 50; i++)
            lab.Write(new() { Flags = flags, GsoType = GsoType.TcpV4, HeaderLength = 54, GsoSize = 1400 }, Tcp(28_000));
        Thread.Sleep(300);
        var file = capture.Stop();
        Assert.Equal(50 * 20, Tshark.Count(file, "tcp.len == 1400"));
        Assert.Empty(Tshark.Judge(file));
    }

    private static void WriteTunnel(Guest lab, int outer, byte protocol, string between, int inner)
    {
        var header = Convert.FromHexString(between.Replace(" ", "", StringComparison.Ordinal));
        byte[] tcp = [0x30, 0x39, 0x30, 0x3A, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x10, 1, 0, 0, 0, 0, 0, .. new byte[12_000]];
        var packet = Packet(inner, 6, tcp);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(packet.Length - tcp.Length + 16),
            PseudoHeader.Sum(packet, 0, inner == 6, 6, tcp.Length).Sum);
        if (protocol == 17)
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(4), (ushort)(header.Length + packet.Length));
        byte[] frame = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2, 0, 0, 0, 0, 0x77, .. Type(outer),
            .. Packet(outer, protocol, [.. header, .. packet])];
        var start = (ushort)(frame.Length - tcp.Length);
        lab.Write(new()
        {
            Flags = VirtioNetFlags.NeedsChecksum, GsoType = inner == 6 ? GsoType.TcpV6 : GsoType.TcpV4, HeaderLength = (ushort)(start + 20),
            GsoSize = 1200, ChecksumStart = start, ChecksumOffset = 16,
        }, frame);
    }

    private static byte[] Type(int family) => family == 6 ? [0x86, 0xDD] : [8, 0];

    private static byte[] Packet(int family, byte protocol, byte[] payload)
    {
        if (family == 6)
        {
            byte[] six = [0x60, 0, 0, 0, 0, 0, protocol, 64, 0xFD, .. new byte[14], 1, 0xFD, .. new byte[14], 2, .. payload];
            BinaryPrimitives.WriteUInt16BigEndian(six.AsSpan(4), (ushort)payload.Length);
            return six;
        }
        byte[] four = [0x45, 0, 0, 0, 0, 1, 0x40, 0, 64, protocol, 0, 0, 10, 7, 0, 1, 10, 7, 0, 255, .. payload];
        BinaryPrimitives.WriteUInt16BigEndian(four.AsSpan(2), (ushort)four.Length);
        BinaryPrimitives.WriteUInt16BigEndian(four.AsSpan(10), InternetChecksum.Of(four.AsSpan(0, 20)));
        return four;
    }

    private static byte[] Udp(int payload) => Ipv4(17, [3, 0xE8, 7, 0xD0, (byte)((8 + payload) >> 8), (byte)(8 + payload), 0, 0], payload);

    private static byte[] Tcp(int payload) => Ipv4(6, [3, 0xE8, 7, 0xD0, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x10, 1, 0, 0, 0, 0, 0], payload);

    private static byte[] Ipv4(byte protocol, byte[] header, int payload) =>
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2, 0, 0, 0, 0, 0x77, 8, 0, .. Packet(4, protocol, [.. header, .. new byte[payload]])];

    /// <summary>A tap whose descriptor this test holds, its interface a port of that kind, and a NIC beside it.</summary>
    private sealed class Guest : IDisposable
    {
        private readonly Microsoft.Win32.SafeHandles.SafeFileHandle _handle;

        public Guest(string kind)
        {
            Need.Tun();
            if (kind == "nic")
                Host.Tap("nic1");
            Host.Veth("nic2", Other, "eth0");
            Switch = SoftSwitchProcess.Start($$"""
                networks: { lan: { mode: internal } }
                ports:
                  nic1: { network: lan, kind: {{kind}}, interface: nic1 }
                  nic2: { network: lan, kind: nic }
                """, Host);
            using var space = NetworkNamespace.Open(Host.Path);
            _handle = space.Run(() => TapDevice.Attach("nic1", 0));
            Eventually.Holds(() => Switch.Items("ports").All(port => port.GetProperty("state").GetString() == "up"));
        }

        public NetNs Host { get; } = new("host");

        public NetNs Other { get; } = new("other");

        public SoftSwitchProcess Switch { get; }

        public unsafe void Write(VirtioNetHeader offload, byte[] frame)
        {
            byte[] bytes = [.. new ReadOnlySpan<byte>(&offload, VirtioNetHeader.LegacySize), .. frame];
            fixed (byte* start = bytes)
                Assert.Equal(bytes.Length, (int)Libc.write((int)_handle.DangerousGetHandle(), start, (nuint)bytes.Length));
        }

        public void Dispose()
        {
            _handle.Dispose();
            Switch.Dispose();
            Host.Dispose();
            Other.Dispose();
        }
    }
}
