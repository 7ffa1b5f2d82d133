using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Services.Dns;
using SoftSwitch.Packets.Dns;

namespace SoftSwitch.Tests.Services.Dns;

/// <summary>Who asks for more names than anybody answers for keeps nobody else from one of them.</summary>
public sealed class SharedQuestionTests
{
    private const string Answer = "QNAME 60 A 192.0.2.1";

    /// <summary>A guest has as many asked for as it may, none of which is answered, and others in line, and the innocent's name behind
    /// all.</summary>
    [Fact]
    public void What_waits_behind_anothers_questions_is_asked_for_in_its_own_turn()
    {
        using var net = new DnsRig();
        var asked = Crowd(net);
        Assert.Equal("", net.Ask(0, "www.example.org A"));
        Assert.Null(net.HearQuestion());
        Assert.Equal("", net.Ask(1, "www.example.org A"));
        Assert.Equal("www.example.org A", net.HearQuestion());
        for (; asked > 0; asked--)
            net.Fail();
        net.Later(0);
        Assert.Equal(UpstreamVerdict.IsAnswer, net.Answer(DnsCode.NoError, Answer));
        Assert.Equal("NoError www.example.org 60 A 192.0.2.1", net.Hear(0));
        Assert.Equal("NoError www.example.org 60 A 192.0.2.1", net.Hear(1));
        while (net.HearQuestion() is { } other)
            Assert.NotEqual("www.example.org A", other);
    }

    /// <summary>It was never asked for, so nobody knows that it can't be found.</summary>
    [Fact]
    public void What_a_port_has_waited_for_in_vain_others_ask_for_as_before()
    {
        using var net = new DnsRig();
        Crowd(net);
        Assert.Equal("", net.Ask(0, "www.example.org A"));
        net.Later(11);
        Assert.Null(net.HearQuestion());
        net.Resume();
        Assert.Contains("ServerFailure", net.Hear(0), StringComparison.Ordinal);
        Assert.Equal("", net.Ask(1, "www.example.org A"));
        Assert.Equal("www.example.org A", net.HearQuestion());
    }

    [Fact]
    public void Who_has_waited_too_long_in_one_line_still_has_the_other()
    {
        using var net = new DnsRig();
        var asked = Crowd(net, 0) + Crowd(net, 1);
        net.Ask(0, "www.example.org A");
        net.Later(9);
        net.Ask(1, "www.example.org A");
        net.Later(2);
        Assert.Null(net.HearQuestion());
        Assert.Equal("", net.Ask(2, "www.example.org A"));
        Assert.Equal("www.example.org A", net.HearQuestion());
        for (; asked > 0; asked--)
            net.Fail();
        net.Later(0);
        Assert.Equal(UpstreamVerdict.IsAnswer, net.Answer(DnsCode.NoError, Answer));
        for (var port = 0; port < 3; port++)
            Assert.Equal("NoError www.example.org 60 A 192.0.2.1", net.Hear(port));
    }

    /// <returns>How many are asked for.</returns>
    private static int Crowd(DnsRig net, int port = 0)
    {
        for (var i = 0; i < Limits.DnsWaiting.Most - 8; i++)
            net.Ask(port, $"n{i}.p{port}.slow.test A");
        var asked = 0;
        while (net.HearQuestion() is not null)
            asked++;
        return asked;
    }
}
