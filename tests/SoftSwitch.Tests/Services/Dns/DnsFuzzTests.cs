using SoftSwitch.Forwarding.Services.Dns;
using SoftSwitch.Packets.Dns;

namespace SoftSwitch.Tests.Services.Dns;

/// <summary>Guests that ask anything, and resolvers that answer anything.</summary>
public sealed class DnsFuzzTests
{
    private static readonly string[] s_names = ["www.example.org", "a.example.org", "example.org", "cdn.net", "web.dev", "x"];
    private static readonly string[] s_types = ["A", "CNAME", "NS", "TXT", "MX", "SOA", "PTR", "RRSIG"];

    [Fact]
    public void A_million_hostile_questions_and_answers_break_no_reader()
    {
        var run = new DnsFuzzRun(seed: 1035);
        run.Run(1_000_000);
        Assert.True(run.Questions > 500_000 && run.Answers > 300_000 && run.Cut > 500,
            $"only {run.Questions} questions and {run.Answers} answers, {run.Cut} cut short: the fuzz reaches nothing");
    }

    /// <summary>A guest hears one whole message for what it has asked, or nothing; the rig reads it.</summary>
    [Fact]
    public void Whatever_guests_say_they_hear_what_can_be_read()
    {
        var random = new Random(1035);
        using var net = new DnsRig();
        var heard = 0;
        for (var i = 0; i < 30_000; i++)
        {
            var message = new byte[300];
            var writer = new DnsWriter(message, (ushort)i, (ushort)(random.Next(8) == 0 ? random.Next(65_536) : 0x0100));
            writer.TryAsk(DnsText.Name(Any(random, s_names)), DnsText.Type(Any(random, s_types)));
            if (random.Next(2) == 0)
                AnyExtension(random).TryWrite(ref writer);
            for (var changes = int.Max(0, random.Next(8) - 4); changes > 0; changes--)
                message[random.Next(writer.Length)] = (byte)random.Next(256);
            heard += net.Say(random.Next(4), message.AsSpan(0, random.Next(16) == 0 ? random.Next(writer.Length) : writer.Length)).Length;
            while (random.Next(2) == 0 && net.HearQuestion() is not null)
            {
                net.Fail();
                for (var port = 0; port < 4; port++)
                    net.Hear(port);
            }
            if (i % 100 == 0)
                net.Later(3);
        }
        Assert.True(heard > 100_000);
    }

    /// <summary>What is kept of an answer is of the name that was asked for, or of those that it leads to.</summary>
    [Fact]
    public void Whatever_resolvers_say_guests_hear_only_what_they_have_asked_for()
    {
        var random = new Random(5452);
        using var net = new DnsRig();
        var (answered, refused) = (0, 0);
        for (var i = 0; i < 30_000; i++)
        {
            Assert.Equal("", net.Ask(0, $"n{i}.example.org A"));
            net.HearQuestion();
            var behind = DnsHeader.Size + $"n{i}.example.org".Length + 6;
            var records = Enumerable.Range(0, random.Next(6)).Select(_ => Record(random)).ToArray();
            var verdict = net.Answer(
                message =>
                {
                    for (var changes = int.Max(0, random.Next(6) - 3); changes > 0; changes--)
                        message[random.Next(behind, message.Length + 1) - 1] = (byte)(random.Next(2) == 0 ? 0xC0 : random.Next(256));
                    return message[..(random.Next(16) == 0 ? random.Next(message.Length) : message.Length)];
                }, random.Next(8) == 0 ? DnsCode.NameError : DnsCode.NoError, records);
            if (verdict == UpstreamVerdict.IsAnswer)
                answered++;
            else
            {
                refused++;
                net.Fail();
            }
            Assert.NotEqual("", net.Hear(0));
            Check(net.Last, $"n{i}.example.org");
        }
        Assert.True(answered > 10_000 && refused > 3_000);
    }

    private static void Check(ReadOnlySpan<byte> message, string asked)
    {
        var room = new byte[DnsName.MaximumSize];
        var reader = new DnsReader(message);
        Assert.True(reader.TryRead(room, out DnsQuestion _));
        var names = new HashSet<string> { asked };
        for (var left = reader.Answers; left > 0; left--)
        {
            Assert.True(reader.TryRead(room, out DnsRecord record));
            Assert.Contains(DnsName.ToText(record.Name).ToLowerInvariant(), names);
            Assert.True(record.Type is DnsType.A or DnsType.Cname);
            if (record.Type != DnsType.Cname)
                continue;
            var at = record.DataOffset;
            var target = new byte[DnsName.MaximumSize];
            names.Add(DnsName.ToText(target.AsSpan(0, DnsName.Read(message, ref at, target))).ToLowerInvariant());
        }
    }

    private static string Record(Random random)
    {
        var name = random.Next(2) == 0 ? "QNAME" : Any(random, s_names);
        return Any(random, s_types) switch
        {
            "A" => $"{name} {random.Next(100)} A 192.0.2.1",
            "CNAME" => $"{name} {random.Next(100)} CNAME {Any(random, s_names)}",
            "NS" => "|",
            "SOA" => $"{name} 60 SOA {random.Next(100)}",
            var type => $"{name} 60 {type} {Any(random, s_names)}",
        };
    }

    private static DnsExtension AnyExtension(Random random) =>
        new((ushort)random.Next(65_536), 0, (byte)(random.Next(8) == 0 ? 1 : 0), random.Next(2) == 0);

    private static string Any(Random random, string[] words) => words[random.Next(words.Length)];
}
