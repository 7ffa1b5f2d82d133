using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Endpoints.Guest;
using SoftSwitch.Linux.Endpoints.Tap;
using SoftSwitch.Linux.Filters;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Linux;

/// <summary>
/// A guest made of a tap's descriptor, on a host made of a namespace: its tap "vm1" has 10.9.0.1/24, another interface 192.0.2.1/24.
/// </summary>
internal sealed class GuestTap : IDisposable
{
    private const string GuestAddress = "10.9.0.2";
    private static readonly MacAddress Mac = MacAddress.Parse("02:00:00:00:00:02");
    private static readonly MacAddress HostMac = MacAddress.Parse("02:00:00:00:00:01");

    private readonly Sandbox _sandbox;
    private readonly SafeFileHandle _handle;

    private GuestTap(Sandbox sandbox, SafeFileHandle handle, int index) => (_sandbox, _handle, Index) = (sandbox, handle, index);

    internal Links Links => _sandbox.Links;

    internal int Index { get; }

    internal static GuestTap Make(bool seal)
    {
        Need.Tun();
        var sandbox = Sandbox.Make();
        var links = sandbox.Links;
        return sandbox.Namespace.Run(() =>
        {
            var other = links.CreateVethPair("other", null, "peer", null);
            links.AddAddress(other.Index, Ipv4Address.Parse("192.0.2.1"), 24);
            links.SetUp(other.Index);
            links.SetUp(links.Find("peer")!.Index);
            // A host that routes: one that answers router solicitations would, and it joins ff02::2.
            File.WriteAllText("/proc/sys/net/ipv6/conf/all/forwarding", "1");
            File.WriteAllText("/proc/sys/net/ipv4/ip_forward", "1");
            var index = PersistentTap.AdoptOrCreate(links, "vm1", null, HostMac, out _).Index;
            if (seal)
                Seal.Apply(links, index);
            var handle = TapDevice.Attach("vm1", 0);
            links.SetUp(index);
            // An operator's mistake that the seal must bear: an address on a guest's interface.
            links.AddAddress(index, Ipv4Address.Parse("10.9.0.1"), 24);
            links.AddAddress(index, IPAddress.Parse("fd09::1"), 64);
            links.AddNeighbor(index, IPAddress.Parse(GuestAddress), Mac);
            links.AddNeighbor(index, IPAddress.Parse("fe80::2"), Mac);
            return new GuestTap(sandbox, handle, index);
        });
    }

    internal void AskEverything()
    {
        Send(ArpRequest("10.9.0.1"));
        Send(ArpRequest("192.0.2.1"));
        Send(EchoRequest());
        Send(Icmpv6(128, "ff02::1", [0, 1, 0, 1]));
        Send(Icmpv6(133, "ff02::2", [0, 0, 0, 0]));
    }

    /// <summary>All that comes in this time, in a few words each.</summary>
    internal unsafe List<string> Listen(TimeSpan time)
    {
        var heard = new List<string>();
        var buffer = new byte[70_000];
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < time;)
        {
            var wait = new Libc.pollfd { fd = (int)_handle.DangerousGetHandle(), events = Libc.POLLIN };
            if (Libc.poll(&wait, 1, Math.Max(1, (int)(time - watch.Elapsed).TotalMilliseconds)) <= 0)
                continue;
            fixed (byte* start = buffer)
            {
                var length = (int)Libc.read(wait.fd, start, (nuint)buffer.Length);
                // Without TUNSETVNETHDRSZ, as QEMU's old default, the header has 10 bytes.
                if (length > 10)
                    heard.Add(Words(buffer.AsSpan(10, length - 10)));
            }
        }
        return heard;
    }

    internal PacketSocket OpenPacketSocket(uint mark) => _sandbox.Namespace.Run(() => new PacketSocket(Index, mark));

    internal void Run(string[] words) => _sandbox.Namespace.Run(() =>
    {
        // The namespace of the thread that starts a program is the program's.
        Shell.RunAsCaller(words[0], words[1..]).Succeeded();
    });

    internal static byte[] ArpRequest(string target)
    {
        var frame = Ethernet(MacAddress.Parse("ff:ff:ff:ff:ff:ff"), If.ETH_P_ARP, 28);
        var arp = frame.AsSpan(14);
        ((ReadOnlySpan<byte>)[0, 1, 8, 0, 6, 4, 0, 1]).CopyTo(arp);
        Mac.Write(arp[8..]);
        IPAddress.Parse(GuestAddress).GetAddressBytes().CopyTo(arp[14..]);
        IPAddress.Parse(target).GetAddressBytes().CopyTo(arp[24..]);
        return frame;
    }

    /// <summary>An answer or a question, in a few words.</summary>
    internal static string Words(ReadOnlySpan<byte> frame)
    {
        var type = BinaryPrimitives.ReadUInt16BigEndian(frame[12..]);
        var packet = frame[14..];
        return type switch
        {
            If.ETH_P_ARP when packet[7] == 2 => $"arp reply {new IPAddress(packet.Slice(14, 4))}",
            If.ETH_P_ARP => $"arp request {new IPAddress(packet.Slice(24, 4))}",
            If.ETH_P_IP when packet[9] == 1 => $"icmp {packet[20]}",
            If.ETH_P_IPV6 when packet[6] == 58 => $"icmpv6 {packet[40]}",
            // MLD: a hop-by-hop header of 8 bytes first.
            If.ETH_P_IPV6 when packet[6] == 0 => $"icmpv6 {packet[48]}",
            _ => Convert.ToHexString(frame),
        };
    }

    public void Dispose()
    {
        _handle.Dispose();
        _sandbox.Dispose();
    }

    private unsafe void Send(byte[] frame)
    {
        byte[] whole = [.. new byte[10], .. frame];
        fixed (byte* start = whole)
            Assert.Equal(whole.Length, (int)Libc.write((int)_handle.DangerousGetHandle(), start, (nuint)whole.Length));
    }

    private static byte[] Ethernet(MacAddress destination, ushort type, int length)
    {
        var frame = new byte[14 + length];
        destination.Write(frame);
        Mac.Write(frame.AsSpan(6));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), type);
        return frame;
    }

    private static byte[] EchoRequest()
    {
        var frame = Ethernet(HostMac, If.ETH_P_IP, 28);
        var ip = frame.AsSpan(14);
        ((ReadOnlySpan<byte>)[0x45, 0, 0, 28, 0, 0, 0, 0, 64, 1]).CopyTo(ip);
        IPAddress.Parse(GuestAddress).GetAddressBytes().CopyTo(ip[12..]);
        IPAddress.Parse("10.9.0.1").GetAddressBytes().CopyTo(ip[16..]);
        Checksum.Write(ip[..20], ip[10..], 0);
        ((ReadOnlySpan<byte>)[8, 0, 0, 0, 0, 1, 0, 1]).CopyTo(ip[20..]);
        Checksum.Write(ip[20..], ip[22..], 0);
        return frame;
    }

    private static byte[] Icmpv6(byte kind, string target, ReadOnlySpan<byte> body)
    {
        var length = 4 + body.Length;
        var destination = IPAddress.Parse(target).GetAddressBytes();
        byte[] group = [0x33, 0x33, .. destination[12..]];
        var frame = Ethernet(MacAddress.Read(group), If.ETH_P_IPV6, 40 + length);
        var ip = frame.AsSpan(14);
        ip[0] = 0x60;
        ip[5] = (byte)length;
        ip[6] = 58;
        ip[7] = 255;
        IPAddress.Parse("fe80::2").GetAddressBytes().CopyTo(ip[8..]);
        destination.CopyTo(ip[24..]);
        ip[40] = kind;
        body.CopyTo(ip[44..]);
        Checksum.Write(ip[8..], ip[42..], (uint)(length + 58));
        return frame;
    }
}
