using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Services.Dns;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dns;

namespace SoftSwitch.Tests.Services.Dns;

/// <summary>What guests hear that ask for names (RFC 1035).</summary>
public sealed class DnsServerTests
{
    [Theory]
    [InlineData("web A", "NoError own web 0 A 10.10.0.10")]
    [InlineData("web.dev A", "NoError own web.dev 0 A 10.10.0.10")]
    [InlineData("wEb.DeV.internal A", "NoError own wEb.DeV.internal 0 A 10.10.0.10")]
    [InlineData("gateway.dev.internal A", "NoError own gateway.dev.internal 0 A 10.10.0.1")]
    [InlineData("web.dev.internal AAAA", "NoError own | dev.internal 0 SOA")]
    [InlineData("web.dev.internal ANY", "NoError own web.dev.internal 0 A 10.10.0.10")]
    [InlineData("nobody.dev.internal A", "NameError own | dev.internal 0 SOA")]
    [InlineData("a.web.dev.internal MX", "NameError own | dev.internal 0 SOA")]
    [InlineData("dev.internal SOA", "NoError own dev.internal 0 SOA")]
    [InlineData("dev.internal A", "NoError own | dev.internal 0 SOA")]
    [InlineData("nobody A", "NameError own | nobody 0 SOA")]
    [InlineData("a.localhost A", "NoError own a.localhost 0 A 127.0.0.1")]
    [InlineData("a.b.LocalHost AAAA", "NoError own | a.b.LocalHost 0 SOA")]
    [InlineData("a.invalid A", "NameError own | a.invalid 0 SOA")]
    [InlineData("a.onion TXT", "NameError own | a.onion 0 SOA")]
    [InlineData("10.0.10.10.in-addr.arpa PTR", "NoError own 10.0.10.10.in-addr.arpa 0 PTR web.dev.internal")]
    [InlineData("10.0.10.10.in-addr.arpa A", "NoError own | 0.10.10.in-addr.arpa 0 SOA")]
    [InlineData("99.0.10.10.in-addr.arpa PTR", "NameError own | 0.10.10.in-addr.arpa 0 SOA")]
    public void Names_of_our_own_are_known_and_nobody_else_is_asked(string question, string answer)
    {
        using var net = new DnsRig();
        Assert.Equal(answer, net.Ask(0, question));
        Assert.Null(net.HearQuestion());
        Assert.Equal("", net.Hear(1));
    }

    [Theory]
    [InlineData("google.dev A")]
    [InlineData("10.1.10.10.in-addr.arpa PTR")]
    [InlineData("010.0.10.10.in-addr.arpa PTR")]
    [InlineData("1.10.10.in-addr.arpa PTR")]
    [InlineData("com NS")]
    [InlineData("printer.local A")]
    [InlineData("notdev.internal A")]
    public void Other_names_are_asked_for_elsewhere(string question)
    {
        using var net = new DnsRig();
        Assert.Equal("", net.Ask(0, question));
        Assert.Equal(1, net.HaveRung);
        Assert.NotNull(net.HearQuestion());
    }

    [Fact]
    public void What_others_answer_is_handed_on_and_known_until_its_time_is_over()
    {
        using var net = new DnsRig();
        Assert.Equal("NoError www.Example.org 300 A 192.0.2.1",
            net.AskThrough(0, "www.Example.org A", DnsCode.NoError, "QNAME 300 A 192.0.2.1"));
        net.Later(100);
        Assert.Equal("NoError WWW.example.org 200 A 192.0.2.1", net.Ask(1, "WWW.example.org A"));
        net.Later(200);
        Assert.Equal("", net.Ask(1, "www.example.org A"));
        Assert.Equal("www.example.org A", net.HearQuestion());
    }

    [Fact]
    public void Who_want_to_know_the_same_wait_for_one_answer_and_each_hears_it_in_its_own_letters()
    {
        using var net = new DnsRig();
        Assert.Equal("", net.Ask(0, "www.example.org A"));
        Assert.Equal("www.example.org A", net.HearQuestion());
        Assert.Equal("", net.Ask(1, "WWW.example.org A", size: 4096));
        Assert.Equal("", net.Ask(0, "www.example.org A", id: 7));
        Assert.Equal("", net.Ask(0, "www.example.org A", id: 7));
        Assert.Null(net.HearQuestion());
        Assert.Equal(UpstreamVerdict.IsAnswer, net.Answer(DnsCode.NoError, "QNAME 60 A 192.0.2.1"));
        Assert.Equal("NoError www.example.org 60 A 192.0.2.1 + NoError www.example.org 60 A 192.0.2.1", net.Hear(0));
        Assert.Equal("NoError WWW.example.org 60 A 192.0.2.1", net.Hear(1));
        Assert.Equal(1, net.HaveRung);
    }

    [Fact]
    public void That_there_is_nothing_is_known_as_long_as_its_zone_says()
    {
        using var net = new DnsRig();
        Assert.Equal("NameError | example.org 120 SOA",
            net.AskThrough(0, "no.example.org A", DnsCode.NameError, "|", "example.org 900 SOA 120"));
        net.Later(20);
        Assert.Equal("NameError | example.org 100 SOA", net.Ask(0, "no.example.org A"));
        Assert.Equal("NoError | example.org 60 SOA",
            net.AskThrough(0, "www.example.org AAAA", DnsCode.NoError, "|", "example.org 60 SOA 120"));
        net.Later(101);
        // Without a zone it isn't known for how long.
        Assert.Equal("NameError", net.AskThrough(0, "no.example.org A", DnsCode.NameError));
        Assert.Equal("NameError", net.AskThrough(0, "no.example.org A", DnsCode.NameError, "|", "other.org 60 SOA 60"));
        Assert.Equal("", net.Ask(0, "no.example.org A"));
    }

    [Fact]
    public void Aliases_are_followed_and_nothing_else_is_kept()
    {
        using var net = new DnsRig();
        Assert.Equal("NoError www.example.org 300 CNAME a.cdn.net a.cdn.net 20 CNAME b.cdn.net b.cdn.net 30 A 192.0.2.1",
            net.AskThrough(0, "www.example.org A", DnsCode.NoError, "evil.org 300 A 203.0.113.9", "QNAME 300 CNAME a.cdn.net",
                "b.cdn.net 30 A 192.0.2.1", "a.cdn.net 20 CNAME b.cdn.net", "b.cdn.net 300 TXT x", "|", "evil.org 300 NS evil.org"));
        Assert.Equal("", net.Ask(0, "evil.org A"));
        Assert.Equal("", net.Ask(0, "b.cdn.net A"));
        Assert.Equal("", net.Ask(0, "evil.org NS"));
    }

    [Fact]
    public void When_nobody_answers_what_was_known_counts_a_little_longer()
    {
        using var net = new DnsRig();
        net.AskThrough(0, "www.example.org A", DnsCode.NoError, "QNAME 60 A 192.0.2.1");
        net.Later(3600);
        Assert.Equal("", net.Ask(0, "www.example.org A"));
        net.HearQuestion();
        net.Fail();
        Assert.Equal("NoError www.example.org 30 A 192.0.2.1", net.Hear(0));
        // And nobody is asked again for some seconds.
        Assert.Equal("NoError www.example.org 30 A 192.0.2.1", net.Ask(1, "www.example.org A"));
        net.Later(6);
        Assert.Equal("", net.Ask(1, "www.example.org A"));
        net.HearQuestion();
        net.Fail();
        Assert.Equal("NoError www.example.org 30 A 192.0.2.1", net.Hear(1));
        net.Later(86_400);
        Assert.Equal("", net.Ask(1, "www.example.org A"));
        net.HearQuestion();
        net.Fail();
        Assert.Equal("ServerFailure", net.Hear(1));
    }

    [Fact]
    public void That_nobody_answers_is_known_for_some_seconds()
    {
        using var net = new DnsRig();
        Assert.Equal("", net.Ask(0, "www.example.org A"));
        net.HearQuestion();
        net.Fail();
        Assert.Equal("ServerFailure", net.Hear(0));
        Assert.Equal("ServerFailure", net.Ask(0, "www.example.org A"));
        net.Later(6);
        Assert.Equal("", net.Ask(0, "www.example.org A"));
    }

    [Fact]
    public void What_has_waited_too_long_fails_without_being_asked()
    {
        using var net = new DnsRig();
        net.Ask(0, "www.example.org A");
        net.Later(11);
        Assert.Null(net.HearQuestion());
        net.Resume();
        Assert.Equal("ServerFailure", net.Hear(0));
    }

    [Fact]
    public void An_answer_has_the_room_that_its_guest_gives()
    {
        using var net = new DnsRig();
        string[] many = [.. Enumerable.Range(1, 60).Select(i => $"QNAME 60 A 192.0.2.{i}")];
        Assert.StartsWith("NoError cut ", net.AskThrough(0, "www.example.org A", DnsCode.NoError, many));
        Assert.InRange(net.Last.Length, 490, 512);
        Assert.DoesNotContain(" cut ", net.Ask(0, "www.example.org A", size: 1232));
        Assert.Equal(60, new DnsReader(net.Last).Answers);
        Assert.Contains(" cut ", net.Ask(0, "www.example.org A", size: 700));
        Assert.InRange(net.Last.Length, 670, 700);
        Assert.Contains(" cut ", net.Ask(0, "www.example.org A", size: 1));
    }

    [Fact]
    public void Who_speaks_of_extensions_hears_ours()
    {
        using var net = new DnsRig();
        Assert.Equal("NoError own web 0 A 10.10.0.10", net.Ask(0, "web A", size: 4096, isSecure: true));
        Assert.Equal("00002904d000008000" + "0000", Convert.ToHexStringLower(net.Last.AsSpan(net.Last.Length - 11)));
        Assert.Equal("NoError code 16", net.Ask(0, "web A", size: 4096, version: 1));
    }

    [Fact]
    public void Signatures_are_for_who_wants_them()
    {
        using var net = new DnsRig();
        Assert.Equal("NoError www.example.org 60 A 192.0.2.1",
            net.AskThrough(0, "www.example.org A", DnsCode.NoError, "QNAME 60 A 192.0.2.1", "QNAME 60 RRSIG x"));
        Assert.Equal("", net.Ask(0, "www.example.org A", size: 1232, isSecure: true));
        net.HearQuestion();
        net.Answer(DnsCode.NoError, "QNAME 60 A 192.0.2.1", "QNAME 60 RRSIG x");
        Assert.Equal("NoError www.example.org 60 A 192.0.2.1 www.example.org 60 RRSIG", net.Hear(0));
    }

    [Fact]
    public void For_all_that_there_is_little_is_said() =>
        Assert.Equal("NoError example.org 3600 HINFO", Alone(net => net.Ask(0, "example.org ANY")));

    [Theory]
    [InlineData("example.org AXFR", "Refused")]
    [InlineData("example.org OPT", "Refused")]
    public void What_is_not_served_is_refused(string question, string answer) => Assert.Equal(answer, Alone(net => net.Ask(0, question)));

    [Fact]
    public void Who_wants_nobody_else_asked_hears_what_is_known()
    {
        using var net = new DnsRig();
        Assert.Equal("Refused", net.Ask(0, "www.example.org A", flags: 0));
        net.AskThrough(0, "www.example.org A", DnsCode.NoError, "QNAME 60 A 192.0.2.1");
        Assert.Equal("NoError www.example.org 60 A 192.0.2.1", net.Ask(0, "www.example.org A", flags: 0));
    }

    [Theory]
    [InlineData("0007 0100 0002 0000 0000 0000 00 0001 0001", "FormatError")]
    [InlineData("0007 0100 0000 0000 0000 0000", "FormatError")]
    [InlineData("0007 0100 0001 0000 0000 0000 03 77 65", "FormatError")]
    [InlineData("0007 0100 0001 0000 0000 0000 c00c 0001 0001", "FormatError")]
    [InlineData("0007 0100 0001 0000 0000 0002 00 0001 0001 00 0029 1000 00000000 0000 00 0029 1000 00000000 0000", "FormatError")]
    [InlineData("0007 0100 0001 0000 0000 0001 00 0001 0001 0161 00 0029 1000 00000000 0000", "FormatError")]
    [InlineData("0007 0100 0001 0000 0000 0001 00 0001 0001", "FormatError")]
    [InlineData("0007 0100 0001 0000 0000 0009 00 0001 0001 00 0010 0001 00000000 0000 00 0010 0001 00000000 0000 00 0010 0001 00000000 "
        + "0000 00 0010 0001 00000000 0000 00 0010 0001 00000000 0000 00 0010 0001 00000000 0000 00 0010 0001 00000000 0000 00 0010 0001 "
        + "00000000 0000 00 0010 0001 00000000 0000", "FormatError")]
    [InlineData("0007 2800 0001 0000 0000 0000 00 0006 0001", "NotImplemented")]
    [InlineData("0007 0100 0001 0000 0000 0000 00 0010 0003", "Refused")]
    public void What_can_not_be_read_or_is_something_else_is_told_so(string message, string answer) => Assert.Equal(answer, Alone(
        net => net.Say(0, Convert.FromHexString(message.Replace(" ", "", StringComparison.Ordinal)))));

    [Theory]
    [InlineData("0007 8100 0001 0000 0000 0000 00 0001 0001")]
    [InlineData("0007 0100 0001 0000 0000 00")]
    [InlineData("")]
    public void Answers_and_what_is_shorter_than_a_header_have_no_answer(string message)
    {
        using var net = new DnsRig();
        Assert.Equal("", net.Say(0, Convert.FromHexString(message.Replace(" ", "", StringComparison.Ordinal))));
        Assert.Equal(1, net.Drops(0, DropReason.PacketMalformed));
    }

    [Fact]
    public void A_port_has_so_many_that_wait_and_another_is_heard_all_the_same()
    {
        using var net = new DnsRig();
        for (var i = 0; i < Limits.DnsWaiting.Most + 10; i++)
            net.Ask(0, $"n{i}.example.org A");
        Assert.Equal(10, net.Drops(0, DropReason.ServiceFlood));
        Assert.Equal("", net.Ask(1, "www.example.org A"));
        var places = new UpstreamPlaces();
        var first = (DnsWaiters[])[.. Enumerable.Range(0, 2).Select(_ => net.Server.TakeWanted(places, net.Rig.Now)!)];
        Assert.Contains("www.example.org", first.Select(one => DnsName.ToText(one.Name)));
        // Half of all places are the first one's; then there is one for who comes.
        var taken = 1;
        while (net.Server.TakeWanted(places, net.Rig.Now) is not null)
            taken++;
        Assert.InRange(taken, Limits.DnsAsked.Most / 2 - 1, Limits.DnsAsked.Most / 2 + 1);
        net.Ask(2, "www.example.net A");
        Assert.Equal("www.example.net", DnsName.ToText(net.Server.TakeWanted(places, net.Rig.Now)!.Name));
    }

    [Fact]
    public void Who_asks_for_many_names_pushes_out_its_own()
    {
        using var net = new DnsRig();
        net.AskThrough(1, "www.example.org A", DnsCode.NoError, "QNAME 3600 A 192.0.2.1");
        net.AskThrough(0, "first.example.org A", DnsCode.NoError, "QNAME 3600 A 192.0.2.1");
        for (var i = 0; i < Limits.DnsAnswers.Most / 512 + 100; i++)
            net.AskThrough(0, $"n{i}.example.org A", DnsCode.NoError, "QNAME 3600 A 192.0.2.1");
        Assert.NotEqual("", net.Ask(0, "www.example.org A"));
        Assert.Equal("", net.Ask(0, "first.example.org A"));
    }

    [Fact]
    public void Whoever_watches_sees_each_address_before_its_guest_does()
    {
        using var net = new DnsRig();
        var seen = new Observer();
        net.Server.Observer = seen;
        net.Ask(1, "web A");
        net.AskThrough(0, "www.example.org A", DnsCode.NoError, "QNAME 60 CNAME b.org", "b.org 30 A 192.0.2.1", "b.org 30 A 192.0.2.2");
        net.Ask(0, "example.org ANY");
        Assert.Equal(["port1 10.10.0.6 web 10.10.0.10 0", "port0 10.10.0.5 www.example.org 192.0.2.1 30",
            "port0 10.10.0.5 www.example.org 192.0.2.2 30"], seen.Seen);
    }

    private static string Alone(Func<DnsRig, string> say)
    {
        using var net = new DnsRig();
        var answer = say(net);
        Assert.Null(net.HearQuestion());
        return answer;
    }

    private sealed class Observer : IDnsObserver
    {
        public List<string> Seen { get; } = [];

        public void See(Port input, Ipv4Address guest, ReadOnlySpan<byte> name, ReadOnlySpan<byte> address, uint seconds, Instant now) =>
            Seen.Add($"{input.Name} {guest} {DnsName.ToText(name)} {Ipv4Address.Read(address)} {seconds}");
    }
}
