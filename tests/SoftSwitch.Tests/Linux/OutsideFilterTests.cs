using System.Buffers.Binary;
using CsCheck;
using SoftSwitch.Linux.Endpoints.Outside;
using SoftSwitch.Linux.Filters;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;

namespace SoftSwitch.Tests.Linux;

public class OutsideFilterTests
{
    private static readonly Ipv4Address s_ours = Ipv4Address.Parse("192.0.2.1");
    private static readonly MacAddress s_mac = MacAddress.Parse("02:53:00:00:ff:ff");

    private static readonly Gen<TransportPorts> s_range =
        Gen.Select(Gen.Bool, Gen.UShort, Gen.Int[0, 3000], (isTcp, first, more) =>
            new TransportPorts(isTcp ? IpProtocol.Tcp : IpProtocol.Udp, first, int.Min(first + more, ushort.MaxValue)));

    /// <summary>Packets to us and to others, with options, in fragments, cut short.</summary>
    private static readonly Gen<byte[]> s_packet = Gen.Select(
        OneOf<byte>(IpProtocol.Tcp, IpProtocol.Udp, IpProtocol.Icmp, 47), Gen.Int[5, 15], OneOf(0, 0, 0x2000, 0x4000, 1, 0x3fff),
        Gen.Bool, Gen.UShort, Gen.Byte, Gen.Int[0, 120], (protocol, words, fragment, toUs, port, icmp, cut) =>
        {
            var frame = new byte[14 + words * 4 + 8];
            frame[12] = 8;
            frame[14] = (byte)(0x40 | words);
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(20), (ushort)fragment);
            frame[23] = protocol;
            (toUs ? s_ours : new Ipv4Address(s_ours.Value + 1)).Write(frame.AsSpan(30));
            var payload = frame.AsSpan(14 + words * 4);
            if (protocol == IpProtocol.Icmp)
                payload[0] = icmp;
            else
                BinaryPrimitives.WriteUInt16BigEndian(payload[2..], port);
            return frame[..int.Min(frame.Length, 14 + cut)];
        });

    [Fact]
    public void The_program_and_a_plain_reading_of_the_packet_agree() =>
        Gen.Select(s_packet, s_range.Array[0, 20]).Sample((frame, ranges) =>
            FilterMachine.Passes(OutsideFilter.Shared(s_ours, ranges).Program.Span, frame) == Wanted(frame, ranges));

    [Fact]
    public void At_other_addresses_of_the_host_the_ports_of_forwards_pass_and_no_others() =>
        Gen.Select(s_packet, s_range.Array[0, 20], s_range.Array[0, 5], Gen.Int[0, 31]).Sample((frame, ranges, forwards, others) =>
        {
            Ipv4Address[] addresses = [.. Enumerable.Range(1, others).Select(i => new Ipv4Address(s_ours.Value + (uint)(others - i) + 1))];
            var filter = OutsideFilter.Shared(s_ours, ranges, addresses, forwards);
            var isOurs = frame.Length >= 34 && Ipv4Address.Read(frame.AsSpan(30)) == s_ours;
            if (!isOurs && others > 0 && frame.Length >= 34)
            {
                var toUs = frame.ToArray();
                s_ours.Write(toUs.AsSpan(30));
                return FilterMachine.Passes(filter.Program.Span, frame) == Wanted(toUs, forwards);
            }
            return FilterMachine.Passes(filter.Program.Span, frame) == Wanted(frame, ranges);
        });

    [Fact]
    public void With_the_most_other_addresses_the_longest_program_is_one_that_the_kernel_takes()
    {
        TransportPorts[] scattered = [.. Enumerable.Range(0, 4000).SelectMany(i => new TransportPorts[]
            { new(IpProtocol.Tcp, 8 * i + 1, 8 * i + 2), new(IpProtocol.Udp, 8 * i + 1, 8 * i + 2) })];
        Ipv4Address[] others = [.. Enumerable.Range(1, 31).Select(i => new Ipv4Address(s_ours.Value + (uint)i))];
        Assert.InRange(OutsideFilter.Shared(s_ours, scattered, others, scattered).Program.Length, 3000, Filter.BPF_MAXINSNS);
    }

    [Fact]
    public void What_the_host_says_from_ports_of_wide_forwards_is_heard_at_each_of_its_addresses()
    {
        const uint translation = 7;
        Ipv4Address[] addresses = [.. Enumerable.Range(0, 32).Select(i => new Ipv4Address(s_ours.Value + (uint)i))];
        var program = OutsideFilter.Said(addresses, [new(IpProtocol.Udp, 20000, 29999)], translation).Program.Span;
        var frame = new byte[60];
        (frame[12], frame[14], frame[23]) = (8, 0x45, IpProtocol.Udp);
        foreach (var (offset, port, passes) in ((int, int, bool)[])
            [(0, 20005, true), (1, 20005, true), (31, 29999, true), (31, 19999, false), (32, 20005, false), (-1, 20005, false)])
        {
            new Ipv4Address((uint)(s_ours.Value + offset)).Write(frame.AsSpan(26));
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(34), (ushort)port);
            Assert.Equal(passes, FilterMachine.Passes(program, frame, IfPacket.PACKET_OUTGOING));
            Assert.False(FilterMachine.Passes(program, frame, IfPacket.PACKET_OUTGOING, mark: translation));
            Assert.False(FilterMachine.Passes(program, frame));
        }
    }

    [Theory]
    [InlineData(5, true)]
    [InlineData(7, true)]
    [InlineData(5, false, 23, IpProtocol.Tcp)]
    [InlineData(5, false, 20, 0x20)]
    [InlineData(5, false, 21, 1)]
    [InlineData(5, false, 37, 67)]
    [InlineData(5, false, 70, 3)]
    [InlineData(5, false, 75, 0xfe)]
    [InlineData(5, false, 13, 6)]
    public void Who_leases_an_address_hears_what_servers_on_the_wire_answer_him(int words, bool passes, int at = 0, byte value = 0)
    {
        const uint handedToHost = SocketMark.ToHost;
        var frame = new byte[600];
        (frame[12], frame[14], frame[23]) = (8, (byte)(0x40 | words), IpProtocol.Udp);
        var udp = frame.AsSpan(14 + 4 * words);
        BinaryPrimitives.WriteUInt16BigEndian(udp[2..], DhcpHeader.ClientPort);
        s_mac.Write(udp[(8 + DhcpHeader.HardwareAddressOffset)..]);
        frame[at] = at == 0 ? (byte)0xff : value;
        var program = OutsideFilter.Leased(s_mac).Program.Span;
        Assert.Equal(passes, FilterMachine.Passes(program, frame));
        Assert.Equal(passes, FilterMachine.Passes(program, frame, IfPacket.PACKET_OTHERHOST));
        Assert.False(FilterMachine.Passes(program, frame, tag: 0xE007));
        Assert.False(FilterMachine.Passes(program, frame, mark: handedToHost));
        Assert.False(FilterMachine.Passes(program, frame.AsSpan(0, 70)));
    }

    [Fact]
    public void Any_bytes_end_the_program() =>
        Gen.Select(Gen.Byte.Array[0, 100], s_range.Array[0, 5], Gen.Bool).Sample((frame, ranges, arp) =>
        {
            if (arp && frame.Length > 13)
                (frame[12], frame[13]) = (8, 6);
            FilterMachine.Passes(OutsideFilter.Shared(s_ours, ranges).Program.Span, frame);
            FilterMachine.Passes(OutsideFilter.Own(s_mac, s_ours).Program.Span, frame, IfPacket.PACKET_OTHERHOST);
            FilterMachine.Passes(OutsideFilter.Leased(s_mac).Program.Span, frame);
        });

    [Fact]
    public void Nothing_in_a_VLAN_passes_and_nothing_that_is_anothers()
    {
        var frame = new byte[60];
        (frame[12], frame[14], frame[23]) = (8, 0x45, IpProtocol.Icmp);
        s_ours.Write(frame.AsSpan(30));
        var program = OutsideFilter.Shared(s_ours, []).Program.Span;
        Assert.True(FilterMachine.Passes(program, frame));
        Assert.False(FilterMachine.Passes(program, frame, tag: 0xE007));
        Assert.True(FilterMachine.Passes(program, frame, tag: 0xE000));
        Assert.False(FilterMachine.Passes(program, frame, IfPacket.PACKET_OTHERHOST));
        s_mac.Write(frame);
        program = OutsideFilter.Own(s_mac, null).Program.Span;
        Assert.True(FilterMachine.Passes(program, frame, IfPacket.PACKET_OTHERHOST));
        Assert.False(FilterMachine.Passes(program, frame, IfPacket.PACKET_OTHERHOST, tag: 0xE007));
        Assert.True(FilterMachine.Passes(program, frame, IfPacket.PACKET_OTHERHOST, tag: 0xE000));
    }

    [Fact]
    public void A_mac_that_ends_like_the_broadcast_address_hears_broadcasts_of_arp()
    {
        var frame = new byte[60];
        frame.AsSpan(0, 6).Fill(0xff);
        (frame[12], frame[13]) = (8, 6);
        s_ours.Write(frame.AsSpan(38));
        const uint broadcast = 1;
        Assert.True(FilterMachine.Passes(OutsideFilter.Own(s_mac, s_ours).Program.Span, frame, broadcast));
        Assert.False(FilterMachine.Passes(OutsideFilter.Own(s_mac, new(1)).Program.Span, frame, broadcast));
        Assert.True(FilterMachine.Passes(OutsideFilter.Own(s_mac, null).Program.Span, frame, broadcast));
    }

    [Theory]
    [InlineData("02:53:00:00:ff:ff", "02:00:00:00:00:09", true, true)]
    [InlineData("02:53:00:00:12:34", "02:00:00:00:00:09", true, true)]
    [InlineData("02:53:00:00:12:35", "02:00:00:00:00:09", false, false)]
    [InlineData("06:00:00:00:00:01", "02:00:00:00:00:09", false, false)]
    [InlineData("02:53:00:00:12:34", "02:53:00:00:ff:ff", true, false)]
    [InlineData("06:00:00:00:00:01", "02:53:00:00:ff:ff", false, false)]
    [InlineData("ff:ff:ff:ff:ff:ff", "02:00:00:00:00:09", true, true)]
    [InlineData("ff:ff:ff:ff:ff:ff", "02:53:00:00:12:34", true, false)]
    public void Of_several_on_a_LAN_all_are_heard_for_and_none_of_them_by_way_of_the_host(string to, string from, bool passes, bool marked)
    {
        var frame = new byte[60];
        MacAddress.Parse(to).Write(frame);
        MacAddress.Parse(from).Write(frame.AsSpan(6));
        (frame[12], frame[13]) = (8, 6);
        // Somebody says who he is.
        s_ours.Write(frame.AsSpan(28));
        s_ours.Write(frame.AsSpan(38));
        var program = OutsideFilter.Own(new Dictionary<MacAddress, Ipv4Address>
        {
            [s_mac] = s_ours, [MacAddress.Parse("02:53:00:00:12:34")] = new(s_ours.Value + 1),
        }).Program.Span;
        var type = to.StartsWith("ff", StringComparison.Ordinal) ? IfPacket.PACKET_BROADCAST : IfPacket.PACKET_OTHERHOST;
        Assert.Equal(passes, FilterMachine.Passes(program, frame, type));
        Assert.Equal(marked, FilterMachine.Passes(program, frame, type, mark: SocketMark.ToHost));
        Assert.False(FilterMachine.Passes(program, frame, type, tag: 7));
    }

    [Fact]
    public void The_longest_program_is_one_that_the_kernel_takes()
    {
        var many = Enumerable.Range(0, 8000)
            .SelectMany(i => (TransportPorts[])[new(IpProtocol.Tcp, i * 8, i * 8), new(IpProtocol.Udp, i * 8, i * 8 + 1)]);
        Assert.InRange(OutsideFilter.Shared(s_ours, [.. many]).Program.Length, 2 * 3 * OutsideFilter.MaxRanges, Filter.BPF_MAXINSNS);
    }

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static bool Wanted(ReadOnlySpan<byte> frame, TransportPorts[] ranges)
    {
        if (frame.Length < 34 || Ipv4Address.Read(frame[30..]) != s_ours)
            return false;
        if ((BinaryPrimitives.ReadUInt16BigEndian(frame[20..]) & 0x3fff) != 0)
            return true;
        var payload = frame[int.Min(14 + (frame[14] & 15) * 4, frame.Length)..];
        if (frame[23] == IpProtocol.Icmp)
            return payload.Length > 0 && payload[0] != 8;
        if (frame[23] is not (IpProtocol.Tcp or IpProtocol.Udp) || payload.Length < 4)
            return false;
        foreach (var range in ranges)
        {
            if (range.Protocol == frame[23] && range.Contains(BinaryPrimitives.ReadUInt16BigEndian(payload[2..])))
                return true;
        }
        return false;
    }
}
