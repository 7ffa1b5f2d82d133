using System.Net;
using System.Net.Sockets;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;
using static SoftSwitch.SystemTests.HostNeighbor.Neighborhood;

namespace SoftSwitch.SystemTests.HostNeighbor;

/// <summary>Groups: every member hears each datagram once, wherever it is.</summary>
public sealed class MulticastTests
{
    private const int Datagrams = 20, Port = 5353;
    private static readonly IPAddress s_group = IPAddress.Parse("239.9.9.9");

    [Fact]
    public void Each_member_of_a_group_hears_each_datagram_once()
    {
        Need.Tun();
        Need.RealRoot("sockets that the test itself opens in namespaces");
        using var all = new Neighborhood();
        using var host = Member(all.Host, HostAddress);
        using var guest = Member(all.Guests, GuestAddress);
        using var station = Member(all.Station, StationAddress);
        foreach (var sender in new[] { host, guest, station })
        {
            for (byte i = 0; i < Datagrams; i++)
                sender.SendTo([i], new IPEndPoint(s_group, Port));
            foreach (var member in new[] { host, guest, station })
            {
                // A sender doesn't hear itself.
                byte[] expected = member == sender ? [] : [.. Enumerable.Range(0, Datagrams).Select(i => (byte)i)];
                Assert.Equal(expected, Heard(member, expected.Length));
            }
        }
    }

    [Fact]
    public void A_guest_that_lives_on_the_wire_now_is_heard_though_it_says_what_it_said_here()
    {
        Need.Tun();
        using var all = new Neighborhood();
        // What is sent once more than fifty times only makes the station move.
        const string numbered = "ether proto 0x88b5 and ether[14] < 50";
        using var guest = new Capture(all.Guests, "eth0", "in", numbered);
        using var host = new Capture(all.Host, "nic", "in", numbered);
        Say(all.Guests, 0, 50);
        Eventually.Holds(() =>
        {
            Say(all.Station, 50, 1);
            return all.Switch!.Items("fdb").Any(entry => entry.GetProperty("mac").GetString() == "52:54:00:00:00:78"
                && entry.GetProperty("port").GetString() == "nic");
        });
        // The very same frames, from the wire now: they are no echo.
        Say(all.Station, 0, 50);
        Assert.Equal(50, Tshark.Count(guest.Stop(), ""));
        Assert.Equal(100, Tshark.Count(host.Stop(), ""));
    }

    private static void Say(NetNs where, int first, int count)
    {
        for (var number = first; number < first + count; number++)
        {
            var said = (byte)number;
            RawFrames.Send(where, "eth0", 1, 64, (_, frame) => Announce(frame, said));
        }
    }

    private static void Announce(byte[] frame, byte number)
    {
        frame.AsSpan(0, 6).Fill(0xff);
        ((ReadOnlySpan<byte>)[0x52, 0x54, 0, 0, 0, 0x78, 0x88, 0xb5, number]).CopyTo(frame.AsSpan(6));
    }

    private static Socket Member(NetNs ns, string address)
    {
        using var space = NetworkNamespace.Open(ns.Path);
        return space.Run(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.Any, Port));
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership,
                new MulticastOption(s_group, IPAddress.Parse(address)));
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, IPAddress.Parse(address).GetAddressBytes());
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastLoopback, false);
            return socket;
        });
    }

    private static byte[] Heard(Socket member, int expected)
    {
        var heard = new List<byte>();
        var buffer = new byte[16];
        // Those that must come may take their time; those that must not get a moment.
        while (member.Poll(heard.Count < expected ? 3_000_000 : 200_000, SelectMode.SelectRead))
        {
            member.Receive(buffer);
            heard.Add(buffer[0]);
        }
        return [.. heard];
    }
}
