namespace SoftSwitch.Tests.Config;

/// <summary>Every class of mistake in what a network gives and tells by DHCP: what is wrong and where, and what would be right.</summary>
public sealed class DhcpMistakeTests
{
    private const string Value = "an address, addresses with commas between, or a type and a value such as u8 1, u16 1500, u32 3600, "
        + "text PXEClient or hex 01:ff, of at most 255 bytes";

    private const string Number = "the number of an option, 1 to 254, that neither another key says nor the server by itself";

    [Theory]
    [InlineData("150: ten", "15: '150': 'ten' is not " + Value + ": write text ten")]
    [InlineData("23: 64", "14: '23': '64' is not " + Value + ": write u8 64, u16 64 or u32 64, whichever the option has")]
    [InlineData("150: \"10.0.0.9, 10.0.0\"", "15: '150': '10.0.0.9, 10.0.0' is not " + Value)]
    [InlineData("23: u8 256", "14: '23': 'u8 256' is not " + Value)]
    [InlineData("23: u16 65536", "14: '23': 'u16 65536' is not " + Value)]
    [InlineData("23: u32 4294967296", "14: '23': 'u32 4294967296' is not " + Value)]
    [InlineData("23: u8 01", "14: '23': 'u8 01' is not " + Value)]
    [InlineData("43: hex 0", "14: '43': 'hex 0' is not " + Value)]
    [InlineData("43: hex 01-02", "14: '43': 'hex 01-02' is not " + Value)]
    [InlineData("60: \"text \"", "14: '60': 'text ' is not " + Value)]
    [InlineData("60: text é", "14: '60': 'text é' is not " + Value)]
    [InlineData("60: [10.0.0.9]", "14: '60' is a list: write " + Value)]
    [InlineData("0: 10.0.0.9", "10: '0' is not " + Number)]
    [InlineData("255: 10.0.0.9", "10: '255' is not " + Number)]
    [InlineData("tftp: 10.0.0.9", "10: 'tftp' is not " + Number)]
    [InlineData("53: u8 2", "10: '53' is not " + Number)]
    [InlineData("82: hex 01", "10: '82' is not " + Number)]
    [InlineData("3: 10.0.0.9", "10: '3' is not " + Number + ": write router: 10.10.0.1")]
    [InlineData("121: hex 00", "10: '121' is not " + Number + ": write routes: { 10.20.0.0/16: 10.10.0.2 }")]
    [InlineData("51: u32 60", "10: '51' is not " + Number + ": write lease: 12h")]
    public void A_mistake_in_a_free_option_is_told_at_its_place(string option, string mistake) =>
        Assert.Equal("4:" + mistake, Mistakes($"options:\n       {{ {option} }}"));

    [Theory]
    [InlineData("150: 10.0.0.9")]
    [InlineData("150: \"10.0.0.9,10.0.0.10\", 4: 255.255.255.255")]
    [InlineData("23: u8 255, 13: u16 65535, 24: u32 4294967295, 43: hex 01:FF, 60: text PXEClient, 254: text a b")]
    public void What_an_option_may_say_is_no_mistake(string options) => Assert.Equal("", Mistakes($"options: {{ {options} }}"));

    [Theory]
    [InlineData("router: 10.11.0.1", "3:18: router 10.11.0.1 is outside the subnet 10.10.0.0/24: write one of 10.10.0.1 to 10.10.0.254")]
    [InlineData("router: none", "3:18: 'router': 'none' is not auto, no, or an IPv4 address such as 10.10.0.1")]
    [InlineData("routes: { 10.20.0.1/16: 10.10.0.2 }",
        "3:20: '10.20.0.1/16' is not a subnet such as 10.20.0.0/16, with a prefix of 1 to 32: write 10.20.0.0/16")]
    [InlineData("routes: { 0.0.0.0/0: 10.10.0.2 }", "3:20: '0.0.0.0/0' is not a subnet such as 10.20.0.0/16, with a prefix of 1 to 32: "
        + "write router: 10.10.0.1 for the default route")]
    [InlineData("routes: { 10.20.0.0/16: 10.20.0.2 }",
        "3:20: the router of 10.20.0.0/16, 10.20.0.2 is outside the subnet 10.10.0.0/24: write one of 10.10.0.1 to 10.10.0.254")]
    [InlineData("ntp: []", "3:15: 'ntp' is empty: write a list such as [192.0.2.123]")]
    [InlineData("ntp: [pool]", "3:16: 'ntp': 'pool' is not an IPv4 address such as 10.10.0.1")]
    [InlineData("search: [Dev]", "3:19: 'search': 'Dev' is not a name such as db or dev.example: words of a-z, 0-9 and '-' with dots "
        + "between, none longer than 63 characters, 189 in all")]
    [InlineData("domain: dev.example", "3:18: names of guests end in the network's domain here: write domain: dev.example in the "
        + "network, or dns: off")]
    [InlineData("filename: pxelinux.0",
        "3:20: 'pxelinux.0' is a file of a server that isn't named: write next-server: 10.10.0.5, or a URL")]
    [InlineData("filename: a b", "3:20: 'filename': 'a b' is not a file's name or a URL: 1 to 127 visible letters of ASCII")]
    public void What_guests_are_told_must_be_right(string key, string mistake) => Assert.Equal(mistake, Mistakes(key));

    [Fact]
    public void What_has_no_room_in_an_option_is_told_at_its_key() => Assert.Equal(
        "3:10: 'ntp' takes 256 bytes, and an option has 255: write fewer",
        Mistakes($"ntp: [{string.Join(", ", Enumerable.Repeat("10.10.0.9", 64))}]"));

    [Theory]
    [InlineData("{ address: 10.10.0.9 }",
        "3:26: a reservation has no 'mac': write mac: \"52:54:00:00:00:01\", or client: and its identifier")]
    [InlineData("{ mac: \"52:54:00:00:00:01\", client: web, address: 10.10.0.9 }",
        "3:54: a reservation is by 'mac' or by 'client': leave one of the two out")]
    [InlineData("{ client: \"ff\", address: 10.10.0.9 }, { client: \"ff:1\", address: 10.10.0.10 }", "3:74: 'client': 'ff:1' is not a "
        + "client's identifier: its bytes, such as \"01:52:54:00:00:00:01\", or 1 to 64 visible letters without ':'")]
    [InlineData("{ client: \"FF:01\", address: 10.10.0.9 }, { client: \"ff:01\", address: 10.10.0.10 }",
        "3:77: client ff:01 is reserved a second time, the first is at 3:36: one reservation a client")]
    [InlineData("{ client: web, address: 10.10.0.9 }, { client: db, address: 10.10.0.9 }",
        "3:86: 10.10.0.9 is reserved a second time, the first is at 3:50: one station an address")]
    [InlineData("{ client: web, address: 10.11.0.9 }",
        "3:50: address 10.11.0.9 is outside the subnet 10.10.0.0/24: write one of 10.10.0.1 to 10.10.0.254")]
    public void A_reservation_is_one_stations_and_inside(string reservation, string mistake) =>
        Assert.Equal(mistake, Mistakes($"reservations: [ {reservation} ]"));

    [Theory]
    [InlineData("nat, dns: off", "domain: dev.example")]
    [InlineData("internal", "router: 10.10.0.9, dns: [10.10.0.9], domain: lab, search: [lab, a.lab], ntp: [192.0.2.1]")]
    [InlineData("host-only", "next-server: 192.0.2.1")]
    [InlineData("host-only", "filename: \"http://10.10.0.9/boot.ipxe\"")]
    [InlineData("nat", "router: no, next-server: 10.10.0.9, filename: a/b.0, routes: { 10.20.0.0/16: 10.10.0.2, 192.0.2.1/32: 10.10.0.2 }")]
    public void What_fits_is_no_mistake(string network, string dhcp) => Assert.Equal("", Files.Mistakes(
        $"networks: {{ lan: {{ mode: {network}, subnet: 10.10.0.0/24, dhcp: {{ {dhcp} }} }} }}\n"));

    /// <param name="dhcp">Keys of DHCP, which stand in the third line from its tenth column on.</param>
    private static string Mistakes(string dhcp) => Files.Mistakes($$"""
        networks:
          lan: { mode: nat, subnet: 10.10.0.0/24, dhcp:
               { {{dhcp}} } }

        """);
}
