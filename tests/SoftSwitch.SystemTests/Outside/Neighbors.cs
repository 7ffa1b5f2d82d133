using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Packets;
using SoftSwitch.SystemTests.Linux;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Outside;

/// <summary>
/// A host with the interface "nic" (192.0.2.1/24) and somebody on its wire (192.0.2.2), who sends what frames it likes and sees every frame
/// that the host sends.
/// </summary>
internal sealed unsafe class Neighbors : IDisposable
{
    internal static readonly MacAddress HostMac = MacAddress.Parse("02:00:00:00:01:01");
    internal static readonly MacAddress PeerMac = MacAddress.Parse("02:00:00:00:01:02");
    internal static readonly Ipv4Address Host = Ipv4Address.Parse("192.0.2.1");
    internal static readonly Ipv4Address Peer = Ipv4Address.Parse("192.0.2.2");

    private readonly Sandbox _peer = Sandbox.Make();
    private readonly SafeFileHandle _wire;
    private byte _questions;

    internal Neighbors()
    {
        var nic = Sandbox.Links.CreateVethPair("nic", HostMac, "wire", PeerMac, _peer.Namespace);
        var wire = _peer.Links.Find("wire")!;
        Nic = nic.Index;
        foreach (var (links, index) in new[] { (Sandbox.Links, Nic), (_peer.Links, wire.Index) })
        {
            links.DisableAddressGeneration(index);
            links.SetUp(index);
        }
        Sandbox.Links.SetUp(Sandbox.Links.Find("lo")!.Index);
        Sandbox.Links.AddAddress(Nic, Host, 24);
        Sandbox.Links.AddNeighbor(Nic, System.Net.IPAddress.Parse(Peer.ToString()), PeerMac);
        _wire = _peer.Namespace.Run(() => Listen(wire.Index));
        // A link that has come up carries frames a moment later.
        Eventually.Holds(() => TryAsk(100) is not null);
    }

    /// <summary>The host.</summary>
    internal Sandbox Sandbox { get; } = Sandbox.Make();

    internal int Nic { get; }

    /// <summary>The sequence number of the last segment that the host sent.</summary>
    internal uint Asked { get; private set; }

    internal void Send(byte[] frame)
    {
        fixed (byte* start = frame)
            Assert.Equal(frame.Length, (int)Libc.send((int)_wire.DangerousGetHandle(), start, (nuint)frame.Length, 0));
    }

    /// <summary>
    /// What the host has sent until now, in words. On a veth a frame is answered before the call that sent it returns, or soon after: a
    /// question that is always answered (an echo request) marks the end, for what was asked before it is answered before it.
    /// </summary>
    internal List<string> Answers()
    {
        var answers = TryAsk(10_000);
        Assert.NotNull(answers);
        return answers;
    }

    private List<string>? TryAsk(int milliseconds)
    {
        var question = ++_questions;
        Send(Datagrams.Echo(PeerMac, HostMac, Peer, Host, sequence: question));
        var answers = new List<string>();
        var buffer = new byte[70_000];
        for (var watch = Stopwatch.StartNew(); watch.ElapsedMilliseconds < milliseconds;)
        {
            var wait = new Libc.pollfd { fd = (int)_wire.DangerousGetHandle(), events = Libc.POLLIN };
            if (Libc.poll(&wait, 1, milliseconds) <= 0)
                continue;
            fixed (byte* start = buffer)
            {
                var length = (int)Libc.recv(wait.fd, start, (nuint)buffer.Length, 0);
                if (length < 0)
                    continue;
                var words = Datagrams.Words(buffer.AsSpan(0, length));
                if (words == "icmp 0")
                {
                    if (buffer[14 + 20 + 7] == question)
                        return answers;
                    continue;
                }
                answers.Add(words);
                if (words.StartsWith("tcp", StringComparison.Ordinal))
                    Asked = BinaryPrimitives.ReadUInt32BigEndian(buffer.AsSpan(14 + 20 + 4));
            }
        }
        return null;
    }

    /// <summary>A socket of the host's.</summary>
    internal Socket Bound(SocketType type, string address, int port) => Sandbox.Namespace.Run(() =>
    {
        var socket = new Socket(AddressFamily.InterNetwork, type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp);
        socket.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Parse(address), port));
        if (type == SocketType.Stream)
            socket.Listen();
        return socket;
    });

    public void Dispose()
    {
        _wire.Dispose();
        _peer.Dispose();
        Sandbox.Dispose();
    }

    private static SafeFileHandle Listen(int index)
    {
        var fd = SystemCallException.ThrowIfNegative(
            Libc.socket(SysSocket.AF_PACKET, SysSocket.SOCK_RAW | SysSocket.SOCK_CLOEXEC | SysSocket.SOCK_NONBLOCK, 0), "socket", "test");
        var on = 1;
        SystemCallException.ThrowIfNegative(
            Libc.setsockopt(fd, IfPacket.SOL_PACKET, IfPacket.PACKET_IGNORE_OUTGOING, &on, sizeof(int)), "PACKET_IGNORE_OUTGOING", "test");
        var address = new IfPacket.sockaddr_ll
        {
            sll_family = SysSocket.AF_PACKET,
            sll_protocol = BinaryPrimitives.ReverseEndianness(If.ETH_P_ALL),
            sll_ifindex = index,
        };
        SystemCallException.ThrowIfNegative(Libc.bind(fd, &address, (uint)sizeof(IfPacket.sockaddr_ll)), "bind", "test");
        return new(fd, ownsHandle: true);
    }
}
