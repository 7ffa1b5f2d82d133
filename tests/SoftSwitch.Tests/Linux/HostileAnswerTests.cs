using System.Runtime.InteropServices;
using CsCheck;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Nftables;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.Rtnetlink;

namespace SoftSwitch.Tests.Linux;

/// <summary>What comes from the kernel is read with the same care as everything from outside.</summary>
public class HostileAnswerTests
{
    [Fact]
    public void Any_bytes_are_read_without_harm() => Gen.Select(Gen.Byte.Array[0, 200], Gen.Bool).Sample((bytes, isIpv4) =>
    {
        if (isIpv4 && bytes.Length > 0)
            bytes[0] = SysSocket.AF_INET;
        var routes = new List<RouteInfo>();
        RouteInfo.Read(bytes, routes);
        AddressInfo.Read(bytes);
        BoundSocket.Read(bytes, IpProtocol.Tcp);
        RouteMonitor.Worth(bytes, null, []);
        LedConnections.Read(bytes, default);
        return routes.All(route => route.Interface >= 0);
    }, iter: 20_000);

    [Fact]
    public void A_whole_answer_cut_anywhere_is_read_without_harm()
    {
        var whole = Route();
        var routes = new List<RouteInfo>();
        for (var length = 0; length <= whole.Length; length++)
            RouteInfo.Read(whole.AsSpan(0, length), routes);
        var last = routes.TakeLast(2).ToArray();
        Assert.Equal((3, "192.0.2.1", 4, "192.0.2.2"), (last[0].Interface, $"{last[0].Gateway}", last[1].Interface, $"{last[1].Gateway}"));
        Assert.Equal((1000u, 5u, "10.0.0.0/8"), (last[0].Table, last[0].Metric, $"{last[0].Destination}"));
    }

    [Fact]
    public void Only_connections_that_were_led_there_are_known_by_their_tuple_and_number()
    {
        var led = Connection(0xA9FE5301);
        byte[] way = [169, 254, 83, 1];
        Assert.Null(LedConnections.Read(Connection(0x7F000001), way));
        Assert.Equal([9, 9, 9, 9], LedConnections.Read(led, way)!.Value.Id);
        for (var length = 0; length < led.Length; length++)
            Assert.True(LedConnections.Read(led.AsSpan(0, length), way) is null or { Tuple.Length: > 0 });
    }

    [Fact]
    public void A_next_hop_with_a_length_of_its_own_making_ends_the_list()
    {
        foreach (var length in (ushort[])[0, 7, 17, ushort.MaxValue])
        {
            var answer = Route();
            // The first next hop's length stands behind the attributes that come before it.
            var at = answer.AsSpan().IndexOf((ReadOnlySpan<byte>)[16, 0, 0, 0, 3, 0, 0, 0]);
            BitConverter.TryWriteBytes(answer.AsSpan(at), length);
            var routes = new List<RouteInfo>();
            RouteInfo.Read(answer, routes);
            Assert.True(routes.Count <= 2);
        }
    }

    /// <summary>What comes behind the message's header: the family, the tuple of the client, that of the answers, and the number.</summary>
    private static byte[] Connection(uint answering)
    {
        var message = new MessageBuilder(stackalloc byte[256]);
        message.Append(new Nfnetlink.nfgenmsg { nfgen_family = SysSocket.AF_INET });
        foreach (var (direction, source) in new[]
            { (NfConntrack.CTA_TUPLE_ORIG, 0x7F000001u), (NfConntrack.CTA_TUPLE_REPLY, answering) })
        {
            var tuple = message.BeginNest(direction);
            var addresses = message.BeginNest(NfConntrack.CTA_TUPLE_IP);
            message.PutBigEndian(NfConntrack.CTA_IP_V4_SRC, source);
            message.EndNest(addresses);
            message.EndNest(tuple);
        }
        message.Put(NfConntrack.CTA_ID, 0x09090909u);
        return message.Attributes.ToArray();
    }

    private static byte[] Route()
    {
        var message = new MessageBuilder(stackalloc byte[512], RTM_NEWROUTE, 0);
        message.Append(new rtmsg { rtm_family = SysSocket.AF_INET, rtm_dst_len = 8, rtm_table = RT_TABLE_MAIN, rtm_type = RTN_UNICAST });
        message.PutBigEndian(RTA_DST, 0x0A000000);
        message.Put(RTA_TABLE, 1000u);
        message.Put(RTA_PRIORITY, 5u);
        var hops = message.BeginNest(RTA_MULTIPATH);
        message.Append(new rtnexthop { rtnh_len = 16, rtnh_ifindex = 3 });
        message.PutBigEndian(RTA_GATEWAY, 0xC0000201);
        message.Append(new rtnexthop { rtnh_len = 16, rtnh_ifindex = 4 });
        message.PutBigEndian(RTA_GATEWAY, 0xC0000202);
        message.EndNest(hops);
        return message.Message[Marshal.SizeOf<SoftSwitch.Linux.Interop.Netlink.nlmsghdr>()..].ToArray();
    }
}
