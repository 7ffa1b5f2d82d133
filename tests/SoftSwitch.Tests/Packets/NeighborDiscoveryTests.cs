using SoftSwitch.Packets;
using SoftSwitch.Tests.Forwarding;

namespace SoftSwitch.Tests.Packets;

public sealed class NeighborDiscoveryTests
{
    private static readonly Ipv6Address s_target = Ipv6Address.Parse("2001:db8::77");
    private static readonly MacAddress s_one = new(0x0200_0000_0001);

    [Fact]
    public void A_question_is_as_RFC_4861_wants_it()
    {
        var packet = Question(s_one);
        Assert.Equal("6000000000203aff" + "fe80000000000000005311fffe223344" + "20010db8000000000000000000000077",
            Convert.ToHexStringLower(packet.AsSpan(0, 40)));
        Assert.Equal("8700", Convert.ToHexStringLower(packet.AsSpan(40, 2)));
        Assert.Equal("00000000" + "20010db8000000000000000000000077" + "0101" + "025311223344",
            Convert.ToHexStringLower(packet.AsSpan(44)));
        // The pseudo-header (RFC 8200, 8.1), by hand.
        byte[] summed = [.. packet[8..40], 0, 0, 0, 32, 0, 0, 0, 58, .. packet[40..]];
        Assert.Equal(0xFFFF, Wire.Sum(summed));
        Assert.True(NeighborDiscovery.Is(packet));
        Assert.True(NeighborDiscovery.TryReadSender(packet, out var sender));
        Assert.Equal(Ipv6Address.Parse("fe80::53:11ff:fe22:3344"), sender);
    }

    [Fact]
    public void A_question_to_all_goes_to_the_group_of_who_has_the_address() =>
        Assert.Equal("ff0200000000000000000001ff000077", Convert.ToHexStringLower(Question(MacAddress.Broadcast).AsSpan(24, 16)));

    [Fact]
    public void Who_looks_whether_he_may_have_an_address_says_that_one()
    {
        var packet = Question(s_one);
        packet.AsSpan(8, 16).Clear();
        Assert.True(NeighborDiscovery.TryReadSender(packet, out var sender));
        Assert.Equal(s_target, sender);
        Assert.False(NeighborDiscovery.TryReadSender(packet.AsSpan(0, 50), out _));
    }

    [Fact]
    public void What_a_router_has_passed_on_says_nothing()
    {
        var packet = Question(s_one);
        packet[7] = 254;
        Assert.False(NeighborDiscovery.TryReadSender(packet, out _));
    }

    [Fact]
    public void No_length_is_too_short_to_be_read()
    {
        var packet = Question(s_one);
        for (var length = 0; length < packet.Length; length++)
        {
            var isOne = NeighborDiscovery.Is(packet.AsSpan(0, length));
            Assert.Equal(length > 40, isOne);
            if (isOne)
                Assert.True(NeighborDiscovery.TryReadSender(packet.AsSpan(0, length), out _));
        }
    }

    private static byte[] Question(MacAddress to)
    {
        var frame = new byte[NeighborDiscovery.QuestionSize];
        to.Write(frame);
        NeighborDiscovery.WriteQuestion(frame, new(0x0253_1122_3344), s_target);
        return frame[EthernetHeader.Size..];
    }
}
