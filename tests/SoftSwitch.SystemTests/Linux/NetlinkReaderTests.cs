using System.Buffers.Binary;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Netlink;
using Headers = SoftSwitch.Linux.Interop.Netlink;

namespace SoftSwitch.SystemTests.Linux;

public class NetlinkReaderTests
{
    [Fact]
    public void What_the_builder_wrote_the_readers_read()
    {
        var builder = new MessageBuilder(stackalloc byte[256], Rtnetlink.RTM_NEWLINK, 0);
        builder.Append(new Rtnetlink.ifinfomsg { ifi_index = 7, ifi_flags = If.IFF_UP, ifi_type = If.ARPHRD_ETHER });
        builder.Put(IfLink.IFLA_IFNAME, "vm1");
        builder.Put(IfLink.IFLA_MTU, 1500u);
        var info = builder.BeginNest(IfLink.IFLA_LINKINFO);
        builder.Put(IfLink.IFLA_INFO_KIND, "veth");
        builder.EndNest(info);
        var messages = new MessageReader(builder.Message);
        Assert.True(messages.Next());
        Assert.Equal(Rtnetlink.RTM_NEWLINK, messages.Header.nlmsg_type);
        var link = LinkMessage.Read(messages.Payload);
        Assert.False(messages.Next());
        Assert.NotNull(link);
        Assert.Equal((7, "vm1", 1500, "veth", true, true), (link.Index, link.Name, link.Mtu, link.Kind, link.IsUp, link.IsEthernet));
    }

    [Fact]
    public void News_of_a_wireless_driver_doesnt_describe_its_interface()
    {
        var builder = new MessageBuilder(stackalloc byte[256], Rtnetlink.RTM_NEWLINK, 0);
        builder.Append(new Rtnetlink.ifinfomsg { ifi_index = 7, ifi_flags = If.IFF_UP, ifi_type = If.ARPHRD_ETHER });
        builder.Put(IfLink.IFLA_IFNAME, "wlan0");
        var events = new List<LinkEvent>();
        LinkMonitor.Parse(builder.Message, events);
        Assert.Single(events);
        builder.Put(IfLink.IFLA_WIRELESS, new byte[16]);
        LinkMonitor.Parse(builder.Message, events);
        Assert.Single(events);
    }

    [Fact]
    public void A_request_larger_than_its_buffer_is_refused() => Assert.Throws<InvalidOperationException>(() =>
    {
        var builder = new MessageBuilder(stackalloc byte[24], Rtnetlink.RTM_NEWLINK, 0);
        builder.Put(IfLink.IFLA_IFNAME, "a-long-name");
    });

    /// <summary>Random bytes, and valid messages with some bytes changed or cut: nothing throws, nothing loops.</summary>
    [Fact]
    public void Any_bytes_are_survived()
    {
        var random = new Random(20);
        var bytes = new byte[512].AsSpan();
        var events = new List<LinkEvent>();
        var found = 0;
        for (var round = 0; round < 200_000; round++)
        {
            Span<byte> message;
            if ((round & 1) == 0)
            {
                message = bytes[..random.Next(bytes.Length)];
                random.NextBytes(message);
            }
            else
            {
                message = Sample(bytes);
                for (var flips = random.Next(4); flips > 0; flips--)
                    message[random.Next(message.Length)] = (byte)random.Next(256);
                message = message[..random.Next(message.Length / 2, message.Length + 1)];
                // Mostly with a length that fits what was cut, so that the inner readers see it.
                if ((round & 6) != 0)
                    BinaryPrimitives.WriteInt32LittleEndian(message, message.Length);
            }
            LinkMessage.Read(message);
            events.Clear();
            LinkMonitor.Parse(message, events);
            found += events.Count;
            var messages = new MessageReader(message);
            while (messages.Next())
                messages.ReadStatus(out _);
        }
        Assert.True(found > 10_000, "the mutations leave enough messages valid to reach the inner readers");
    }

    [Fact]
    public void An_error_s_text_is_found_behind_the_whole_request_and_behind_its_header()
    {
        foreach (var capped in (bool[])[false, true])
        {
            var builder = new MessageBuilder(new byte[256], Headers.NLMSG_ERROR,
                (ushort)(Headers.NLM_F_ACK_TLVS | (capped ? Headers.NLM_F_CAPPED : 0)));
            builder.Append(-Errno.EINVAL);
            builder.Append(new Headers.nlmsghdr { nlmsg_len = 32 });
            if (!capped)
                builder.Append(new Rtnetlink.ifinfomsg());
            builder.Put(Headers.NLMSGERR_ATTR_MSG, "because");
            var messages = new MessageReader(builder.Message);
            Assert.True(messages.Next());
            Assert.Equal(Errno.EINVAL, messages.ReadStatus(out var text));
            Assert.Equal("because", text);
        }
    }

    private static Span<byte> Sample(Span<byte> bytes)
    {
        var builder = new MessageBuilder(bytes, Rtnetlink.RTM_NEWLINK, 0);
        builder.Append(new Rtnetlink.ifinfomsg { ifi_index = 7 });
        builder.Put(IfLink.IFLA_IFNAME, "vm1");
        builder.Put(IfLink.IFLA_ADDRESS, [2, 0, 0, 0, 0, 1]);
        var info = builder.BeginNest(IfLink.IFLA_LINKINFO);
        builder.Put(IfLink.IFLA_INFO_KIND, "tun");
        var data = builder.BeginNest(IfLink.IFLA_INFO_DATA);
        builder.Put(IfLink.IFLA_TUN_TYPE, (byte)IfTun.IFF_TAP);
        builder.Put(IfLink.IFLA_TUN_OWNER, 1000u);
        builder.EndNest(data);
        builder.EndNest(info);
        var families = builder.BeginNest(IfLink.IFLA_AF_SPEC);
        var inet6 = builder.BeginNest(SysSocket.AF_INET6);
        builder.Put(IfLink.IFLA_INET6_ADDR_GEN_MODE, IfLink.IN6_ADDR_GEN_MODE_NONE);
        builder.EndNest(inet6);
        builder.EndNest(families);
        return builder.Message;
    }
}
