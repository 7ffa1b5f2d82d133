using SoftSwitch.Forwarding.Services.Dns;
using SoftSwitch.Packets.Dns;

namespace SoftSwitch.Tests.Services.Dns;

/// <summary>Who is asked elsewhere may be anybody, and so may who answers.</summary>
public sealed class UpstreamTests
{
    private const string Answer = "QNAME 60 A 192.0.2.1";

    public static TheoryData<string, int> Forgeries => new()
    {
        { "another number", DnsHeader.IdOffset },
        { "a question", DnsHeader.FlagsOffset },
        { "another name", DnsHeader.Size + 1 },
        { "another type", DnsHeader.Size + "www.example.org".Length + 3 },
        { "another class", DnsHeader.Size + "www.example.org".Length + 5 },
        { "two questions", DnsHeader.QuestionsOffset + 1 },
    };

    [Theory]
    [MemberData(nameof(Forgeries))]
    public void What_does_not_match_the_question_is_not_its_answer(string what, int at)
    {
        using var net = new DnsRig();
        net.Ask(0, "www.example.org A");
        net.HearQuestion();
        Assert.Equal((what, UpstreamVerdict.IsNotIt), (what, net.Answer(message => Changed(message, at), DnsCode.NoError, Answer)));
        Assert.Equal("", net.Hear(0));
        Assert.Equal(UpstreamVerdict.IsAnswer, net.Answer(DnsCode.NoError, Answer));
        Assert.Equal("NoError www.example.org 60 A 192.0.2.1", net.Hear(0));
    }

    /// <summary>A letter of another case is another letter here.</summary>
    [Fact]
    public void An_answer_has_the_letters_that_were_asked_for()
    {
        using var net = new DnsRig();
        net.Ask(0, "www.example.org A");
        net.HearQuestion();
        Assert.Equal(UpstreamVerdict.IsNotIt, net.Answer(
            message =>
            {
                message[DnsHeader.Size + 1] ^= 0x20;
                return message;
            }, DnsCode.NoError, Answer));
    }

    [Theory]
    [InlineData(DnsCode.ServerFailure)]
    [InlineData(DnsCode.Refused)]
    [InlineData(DnsCode.NotImplemented)]
    public void An_error_is_no_answer(DnsCode code)
    {
        using var net = new DnsRig();
        net.Ask(0, "www.example.org A");
        net.HearQuestion();
        Assert.Equal(UpstreamVerdict.IsRefusal, net.Answer(code));
    }

    [Fact]
    public void One_that_is_cut_short_is_to_be_had_otherwise()
    {
        using var net = new DnsRig();
        net.Ask(0, "www.example.org A");
        net.HearQuestion();
        Assert.Equal(UpstreamVerdict.IsCut, net.Answer(
            message =>
            {
                message[DnsHeader.FlagsOffset] |= DnsHeader.Truncated >> 8;
                return message;
            }, DnsCode.NoError));
    }

    /// <summary>Behind the question: a name that points to itself, forward, or nowhere; data longer than the message; a record that isn't
    /// there.</summary>
    [Theory]
    [InlineData("c021 0001 0001 0000003c 0004 c0000201")]
    [InlineData("c0ff 0001 0001 0000003c 0004 c0000201")]
    [InlineData("ffff 0001 0001 0000003c 0004 c0000201")]
    [InlineData("c00c 0001 0001 0000003c 00ff c0000201")]
    [InlineData("c00c 0001 0001 0000003c")]
    [InlineData("")]
    [InlineData("c00c 0005 0001 0000003c 0002 c02d")]
    [InlineData("c00c 0005 0001 0000003c 0000")]
    [InlineData("c00c 0005 0001 0000003c 0004 c00cc00c")]
    [InlineData("c00c 0005 0001 0000003c 0002 c00c")]
    public void What_can_not_be_read_is_no_answer_and_is_not_kept(string record)
    {
        using var net = new DnsRig();
        net.Ask(0, "www.example.org A");
        net.HearQuestion();
        Assert.Equal(UpstreamVerdict.IsRefusal, net.Answer(
            message =>
            {
                message[DnsHeader.AnswersOffset + 1] = 1;
                return [.. message, .. Convert.FromHexString(record.Replace(" ", "", StringComparison.Ordinal))];
            }, DnsCode.NoError));
        net.Fail();
        Assert.Equal("ServerFailure", net.Hear(0));
    }

    [Fact]
    public void An_old_server_is_asked_in_small_letters_and_without_extensions()
    {
        using var net = new DnsRig();
        net.Ask(0, "WWW.example.org A");
        var wanted = net.Server.TakeWanted(net.Places, net.Rig.Now)!;
        var chance = new byte[UpstreamQuery.ChanceBytes];
        Array.Fill(chance, (byte)0xFF);
        Span<byte> message = new byte[DnsHeader.EveryoneTakes];
        var reader = new DnsReader(message[..new UpstreamQuery(wanted, chance, isPlain: false).Write(message)]);
        var room = new byte[DnsName.MaximumSize];
        Assert.True(reader.TryRead(room, out DnsQuestion question));
        Assert.Equal(("WWW.EXAMPLE.ORG", 0xFFFF, 1), (DnsName.ToText(question.Name), reader.Id, reader.Additionals));
        reader = new DnsReader(message[..new UpstreamQuery(wanted, chance, isPlain: true).Write(message)]);
        Assert.True(reader.TryRead(room, out question));
        Assert.Equal(("www.example.org", 0), (DnsName.ToText(question.Name), reader.Additionals));
    }

    private static byte[] Changed(byte[] message, int at)
    {
        message[at] ^= at == DnsHeader.FlagsOffset ? (byte)0x80 : at == DnsHeader.Size + 1 ? (byte)1 : (byte)3;
        return message;
    }
}
