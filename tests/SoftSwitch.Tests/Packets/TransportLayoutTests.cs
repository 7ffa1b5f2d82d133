using CsCheck;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Forwarding;

namespace SoftSwitch.Tests.Packets;

public sealed class TransportLayoutTests
{
    private static readonly Gen<PacketSpec> Specs =
        from protocol in Gen.Bool.Select(isTcp => isTcp ? IpProtocol.Tcp : IpProtocol.Udp)
        from isIpv6 in Gen.Bool
        from tags in Gen.Int[0, 2]
        from options in Gen.Int[0, 10]
        from extensions in Gen.Int[0, 8]
        from tcpOptions in Gen.Int[0, 10]
        select new PacketSpec
        {
            Protocol = protocol, IsIpv6 = isIpv6, Vlans = new ushort[tags], IpOptions = isIpv6 ? 0 : 4 * options,
            Extensions = isIpv6 ? extensions : 0,
            TcpOptions = 4 * tcpOptions, Payload = 10,
        };

    [Fact]
    public void The_headers_of_any_packet_are_found() => Specs.Sample(spec =>
    {
        Assert.True(TransportLayout.TryRead(spec.Build(), out var layout));
        Assert.Equal((spec.IsIpv6, spec.Protocol), (layout.IsIpv6, layout.Protocol));
        Assert.Equal((spec.NetworkOffset, spec.TransportOffset, spec.PayloadOffset),
            (layout.NetworkOffset, layout.TransportOffset, layout.PayloadOffset));
        Assert.Equal(spec.ChecksumOffset, layout.ChecksumOffset);
    }, iter: 2000);

    [Fact]
    public void Headers_cut_short_have_no_layout() => Specs.Sample(spec =>
    {
        var frame = spec.Build();
        for (var length = 14; length < spec.PayloadOffset; length++)
            Assert.False(TransportLayout.TryRead(frame.AsSpan(0, length), out _));
    }, iter: 200);

    [Fact]
    public void More_extension_headers_than_anyone_sends_are_not_followed() =>
        Assert.False(TransportLayout.TryRead(new PacketSpec { IsIpv6 = true, Extensions = 9 }.Build(), out _));

    [Fact]
    public void Whatever_the_bytes_say_a_layout_lies_within_them() =>
        Gen.Select(Specs, Gen.Select(Gen.Int[12, 119], Gen.Byte).Array[0, 6], Gen.Int[14, 400])
            .Sample((spec, changes, length) =>
            {
                var frame = spec.Build();
                foreach (var (at, value) in changes.Where(change => change.Item1 < frame.Length))
                    frame[at] = value;
                Inside(frame.AsSpan(0, int.Min(length, frame.Length)));
            }, iter: 50_000);

    [Fact]
    public void Noise_has_no_layout_outside_itself() => Gen.Byte.Array[14, 300].Sample(bytes => Inside(bytes), iter: 20_000);

    private static void Inside(ReadOnlySpan<byte> frame)
    {
        if (!TransportLayout.TryRead(frame, out var layout))
            return;
        Assert.InRange(layout.PayloadOffset, layout.TransportOffset + 8, frame.Length);
        Assert.True(layout.TransportOffset >= layout.NetworkOffset + 20 && layout.NetworkOffset >= 14);
        Assert.True(layout.TransportOffset + layout.ChecksumOffset + 2 <= layout.PayloadOffset);
    }
}
