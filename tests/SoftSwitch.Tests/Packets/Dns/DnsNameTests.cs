using SoftSwitch.Packets.Dns;

namespace SoftSwitch.Tests.Packets.Dns;

public sealed class DnsNameTests
{
    /// <summary>RFC 1035, 4.1.4: F.ISI.ARPA at 20, FOO.F.ISI.ARPA at 40, ARPA at 64, the root at 92.</summary>
    private static byte[] RfcMessage
    {
        get
        {
            var message = new byte[93];
            "\u0001F\u0003ISI\u0004ARPA\0"u8.CopyTo(message.AsSpan(20));
            "\u0003FOO"u8.CopyTo(message.AsSpan(40));
            (message[44], message[45]) = (0xC0, 20);
            (message[64], message[65]) = (0xC0, 26);
            return message;
        }
    }

    [Theory]
    [InlineData(20, "F.ISI.ARPA", 32)]
    [InlineData(40, "FOO.F.ISI.ARPA", 46)]
    [InlineData(64, "ARPA", 66)]
    [InlineData(92, ".", 93)]
    public void Names_are_read_as_RFC_1035_has_them(int at, string text, int end)
    {
        var name = new byte[DnsName.MaximumSize];
        var length = DnsName.Read(RfcMessage, ref at, name);
        Assert.Equal((text, end), (DnsName.ToText(name.AsSpan(0, length)), at));
    }

    [Theory]
    [InlineData("c000", 0)] // To itself.
    [InlineData("c002 c000", 0)] // On.
    [InlineData("0161 c000", 2)] // Back into a name that leads here again.
    [InlineData("c002 c000", 2)]
    [InlineData("0161", 0)]
    [InlineData("0461", 0)]
    [InlineData("c0", 0)]
    [InlineData("41 00", 0)]
    [InlineData("80 00", 0)]
    [InlineData("", 0)]
    [InlineData("00", 5)]
    public void What_has_no_end_or_goes_round_is_no_name(string hex, int at)
    {
        var message = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(0, DnsName.Read(message, ref at, new byte[DnsName.MaximumSize]));
    }

    /// <summary>Each leads to the one before it, and the first to a name.</summary>
    [Theory]
    [InlineData(16, 3)]
    [InlineData(17, 0)]
    public void A_name_leads_back_some_times_and_not_on_and_on(int pointers, int length)
    {
        byte[] message =
        [
            1, (byte)'a', 0, 0,
            .. Enumerable.Range(0, pointers).SelectMany(i => (byte[])[0xC0, (byte)(i == 0 ? 0 : 2 + 2 * i)]),
        ];
        var at = message.Length - 2;
        Assert.Equal(length, DnsName.Read(message, ref at, new byte[DnsName.MaximumSize]));
    }

    [Fact]
    public void A_name_has_255_bytes_at_most_whatever_it_is_made_of()
    {
        var label = new string('a', 63);
        var name = new byte[DnsName.MaximumSize];
        Assert.Equal(255, DnsName.Write($"{label}.{label}.{label}.{new string('b', 61)}", name));
        Assert.Equal(0, DnsName.Write($"{label}.{label}.{label}.{new string('b', 62)}", new byte[300]));
        // The same by a pointer to one of 255.
        byte[] message = [.. name, 1, (byte)'c', 0xC0, 0];
        var at = 255;
        Assert.Equal(0, DnsName.Read(message, ref at, new byte[DnsName.MaximumSize]));
        message = [.. name, 0xC0, 0];
        at = 255;
        Assert.Equal(255, DnsName.Read(message, ref at, new byte[DnsName.MaximumSize]));
    }

    [Theory]
    [InlineData("web.dev.internal", "03 776562 03 646576 08 696e7465726e616c 00")]
    [InlineData("web.", "03 776562 00")]
    [InlineData(".", "00")]
    [InlineData("a..b", "")]
    [InlineData(".a", "")]
    [InlineData("ä", "")]
    public void Names_of_people_are_written(string text, string hex)
    {
        var name = new byte[DnsName.MaximumSize];
        var length = DnsName.Write(text, name);
        Assert.Equal(hex.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexStringLower(name.AsSpan(0, length)));
    }

    [Fact]
    public void What_is_not_a_visible_letter_is_shown_as_a_number() =>
        Assert.Equal(@"a\.b\000\255.c", DnsName.ToText([5, (byte)'a', (byte)'.', (byte)'b', 0, 255, 1, (byte)'c', 0]));

    [Fact]
    public void Case_is_kept_and_does_not_count()
    {
        byte[] one = Name("wEb.Dev"), other = Name("WeB.dEV");
        Assert.True(DnsName.AreEqual(one, other));
        Assert.False(DnsName.AreEqual(one, Name("web.de")));
        DnsName.ToLower(one);
        Assert.Equal(Name("web.dev"), one);
    }

    /// <summary>Services of a network have names with such bytes (RFC 6763, 4.1.3).</summary>
    [Fact]
    public void Bytes_that_are_no_letters_of_ASCII_are_what_they_are()
    {
        byte[] one = [5, (byte)'C', (byte)'a', (byte)'f', 0xC3, 0xA9, 0], other = [5, (byte)'c', (byte)'a', (byte)'f', 0xC3, 0xA9, 0];
        Assert.True(DnsName.AreEqual(one, other));
        Assert.True(DnsName.IsWithin(one, other));
        other[5] = 0x89;
        Assert.False(DnsName.AreEqual(one, other));
    }

    [Theory]
    [InlineData("web.dev", "dev", true)]
    [InlineData("dev", "dev", true)]
    [InlineData("WEB.DEV", "dev", true)]
    [InlineData("webdev", "dev", false)]
    [InlineData("web.dev.org", "dev", false)]
    [InlineData("v", "dev", false)]
    [InlineData("web.dev", ".", true)]
    public void A_name_is_within_a_zone_by_whole_labels(string name, string zone, bool isWithin) =>
        Assert.Equal(isWithin, DnsName.IsWithin(Name(name), Name(zone)));

    private static byte[] Name(string text)
    {
        var name = new byte[DnsName.MaximumSize];
        return name[..DnsName.Write(text, name)];
    }
}
