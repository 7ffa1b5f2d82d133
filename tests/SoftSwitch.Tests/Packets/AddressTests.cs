using CsCheck;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Packets;

public sealed class AddressTests
{
    [Fact]
    public void A_MAC_address_survives_text_and_wire() => Gen.ULong[0, 0xFFFF_FFFF_FFFF].Sample(value =>
    {
        var address = new MacAddress(value);
        Assert.Equal(address, MacAddress.Parse(address.ToString()));
        Assert.Equal(address, MacAddress.Parse(address.ToString().ToUpperInvariant().Replace(':', '-')));
        Span<byte> wire = stackalloc byte[6];
        address.Write(wire);
        Assert.Equal(address, MacAddress.Read(wire));
        Assert.Equal(address.ToString(),
            string.Join(':', Convert.ToHexString(wire).ToLowerInvariant().Chunk(2).Select(pair => new string(pair))));
        Assert.Equal((wire[0] & 1) != 0, address.IsMulticast);
        Assert.Equal((wire[0] & 2) != 0, address.IsLocallyAdministered);
    });

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("52:54:00:12:34")]
    [InlineData("52:54:00:12:34:5")]
    [InlineData("52:54:00:12:34:567")]
    [InlineData("52:54:00-12:34:56")]
    [InlineData("52.54.00.12.34.56")]
    [InlineData("52:54:00:12:34:g6")]
    [InlineData("+2:54:00:12:34:56")]
    [InlineData(" 2:54:00:12:34:56")]
    [InlineData("525:4:00:12:34:56")]
    [InlineData("５2:54:00:12:34:56")]
    public void What_is_no_MAC_address_is_refused(string? text) => Assert.False(MacAddress.TryParse(text, out _));

    [Fact]
    public void A_MAC_address_has_48_bits() => Assert.Throws<ArgumentOutOfRangeException>(() => new MacAddress(1UL << 48));

    [Fact]
    public void An_IPv4_address_survives_text_and_wire() => Gen.UInt.Sample(value =>
    {
        var address = new Ipv4Address(value);
        Assert.Equal(address, Ipv4Address.Parse(address.ToString()));
        Span<byte> wire = stackalloc byte[4];
        address.Write(wire);
        Assert.Equal(address, Ipv4Address.Read(wire));
        Assert.Equal(new System.Net.IPAddress(wire).ToString(), address.ToString());
    });

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("1.2.3")]
    [InlineData("1.2.3.4.5")]
    [InlineData("1.2.3.")]
    [InlineData(".1.2.3")]
    [InlineData("1.2.3.256")]
    [InlineData("1.2.3.04")]
    [InlineData("1.2.3.4 ")]
    [InlineData("1.2.3.-4")]
    [InlineData("1.2.3.+4")]
    [InlineData("0x1.2.3.4")]
    [InlineData("1.2.3.4000000000000")]
    public void What_is_no_IPv4_address_is_refused(string? text) => Assert.False(Ipv4Address.TryParse(text, out _));

    [Fact]
    public void Any_text_is_refused_or_comes_back_as_it_was() => Gen.Char["0123456789.:/abcdefABCDEF-"].Array[0, 20].Sample(characters =>
    {
        var text = new string(characters);
        if (Ipv4Address.TryParse(text, out var address))
            Assert.Equal(text, address.ToString());
        if (MacAddress.TryParse(text, out var mac))
            Assert.Equal(text.ToLowerInvariant().Replace('-', ':'), mac.ToString());
        if (Ipv4Subnet.TryParse(text, out var subnet))
            Assert.Equal(text, subnet.ToString());
    }, iter: 20_000);

    [Fact]
    public void A_subnet_holds_its_addresses_and_no_other() =>
        Gen.Select(Gen.UInt, Gen.Int[0, 32], Gen.UInt).Sample((value, prefix, other) =>
        {
            var subnet = Ipv4Subnet.Containing(new(value), prefix);
            Assert.True(Ipv4Subnet.TryParse(subnet.ToString(), out var parsed));
            Assert.Equal(subnet, parsed);
            Assert.True(subnet.Contains(new(value)));
            Assert.True(subnet.Contains(subnet.Address) && subnet.Contains(subnet.Broadcast));
            Assert.Equal(other >= subnet.Address.Value && other <= subnet.Broadcast.Value, subnet.Contains(new(other)));
            Assert.Equal(1L << (32 - prefix), subnet.Broadcast.Value - (long)subnet.Address.Value + 1);
        });

    [Theory]
    [InlineData("10.0.0.1/24")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("/8")]
    public void What_is_no_subnet_is_refused(string text) => Assert.False(Ipv4Subnet.TryParse(text, out _));
}
