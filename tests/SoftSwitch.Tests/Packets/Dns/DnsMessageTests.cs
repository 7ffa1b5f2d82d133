using SoftSwitch.Packets.Dns;

namespace SoftSwitch.Tests.Packets.Dns;

public sealed class DnsMessageTests
{
    private static readonly string[] s_names = ["web.dev.internal", "dev.internal", "Web.dev.internal", "example.org", "."];

    [Fact]
    public void An_answer_is_read_as_it_was_written()
    {
        var bytes = new byte[512];
        var writer = new DnsWriter(bytes, 0xABCD, DnsHeader.Response | DnsHeader.RecursionAvailable);
        Assert.True(writer.TryAsk(Name("web.dev.internal"), DnsType.A));
        Assert.True(writer.TryAdd(DnsHeader.AnswersOffset, Name("web.dev.internal"), DnsType.A, 60, [10, 10, 0, 5]));
        Assert.True(writer.TryAdd(DnsHeader.AdditionalsOffset, Name("x.dev.internal"), DnsType.Txt, 1, [1, 65]));
        Assert.Equal("abcd8080" + "0001000100000001" + "03776562" + "03646576" + "08696e7465726e616c" + "00" + "00010001"
            + "c00c" + "00010001" + "0000003c" + "0004" + "0a0a0005" + "0178c010" + "00100001" + "00000001" + "0002" + "0141",
            Convert.ToHexStringLower(bytes.AsSpan(0, writer.Length)));

        var reader = new DnsReader(bytes.AsSpan(0, writer.Length));
        Assert.True(reader.IsResponse && reader.IsQuery && reader.Code == DnsCode.NoError);
        Assert.Equal((0xABCD, 1, 1, 0, 1), (reader.Id, reader.Questions, reader.Answers, reader.Authorities, reader.Additionals));
        Span<byte> room = new byte[DnsName.MaximumSize];
        Assert.True(reader.TryRead(room, out DnsQuestion question));
        Assert.Equal(("web.dev.internal", DnsType.A, DnsQuestion.Internet),
            (DnsName.ToText(question.Name), question.Type, question.Class));
        Assert.True(reader.TryRead(room, out DnsRecord record));
        Assert.Equal(("web.dev.internal", DnsType.A, 60U, "0A0A0005"),
            (DnsName.ToText(record.Name), record.Type, record.Ttl, Convert.ToHexString(record.Data)));
        Assert.True(reader.TryRead(room, out record));
        Assert.Equal("x.dev.internal", DnsName.ToText(record.Name));
        Assert.Equal(writer.Length, reader.Position);
        Assert.False(reader.TryRead(room, out record));
    }

    [Fact]
    public void Whatever_is_written_is_read_again_or_had_no_room()
    {
        var random = new Random(1035);
        var room = new byte[DnsName.MaximumSize];
        var refused = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = new byte[random.Next(40, 300)];
            var writer = new DnsWriter(bytes, (ushort)i, DnsHeader.Response);
            if (!writer.TryAsk(Name(Any(random)), DnsType.Any))
                continue;
            var written = new List<(string Name, string Data)>();
            for (var records = random.Next(12); records > 0; records--)
            {
                var (name, data) = (Any(random), new byte[random.Next(40)]);
                random.NextBytes(data);
                if (writer.TryAdd(DnsHeader.AnswersOffset, Name(name), DnsType.Txt, 7, data))
                    written.Add((name, Convert.ToHexString(data)));
                else
                    refused++;
            }
            var reader = new DnsReader(bytes.AsSpan(0, writer.Length));
            Assert.Equal(written.Count, reader.Answers);
            Assert.True(reader.TryRead(room, out DnsQuestion _));
            foreach (var (name, data) in written)
            {
                Assert.True(reader.TryRead(room, out DnsRecord record));
                Assert.Equal((name, data), (DnsName.ToText(record.Name), Convert.ToHexString(record.Data)));
            }
            Assert.Equal(writer.Length, reader.Position);
        }
        Assert.True(refused > 1000);
    }

    [Fact]
    public void Any_bytes_are_read_or_refused()
    {
        var random = new Random(4);
        var bytes = new byte[400];
        var room = new byte[DnsName.MaximumSize];
        var read = 0;
        for (var i = 0; i < 100_000; i++)
        {
            var writer = new DnsWriter(bytes, 1, DnsHeader.Response);
            writer.TryAsk(Name(Any(random)), DnsType.Any);
            for (var records = random.Next(6); records > 0; records--)
                writer.TryAdd(DnsHeader.AnswersOffset, Name(Any(random)), DnsType.Txt, 7, bytes.AsSpan(0, random.Next(20)).ToArray());
            for (var changes = random.Next(6); changes > 0; changes--)
                bytes[random.Next(writer.Length)] = (byte)(random.Next(3) == 0 ? 0xC0 : random.Next(256));
            var length = random.Next(4) == 0 ? random.Next(DnsHeader.Size, writer.Length) : writer.Length;
            var reader = new DnsReader(bytes.AsSpan(0, length));
            if (!reader.TryRead(room, out DnsQuestion _))
                continue;
            while (reader.TryRead(room, out DnsRecord record))
            {
                read++;
                Assert.True(record.DataOffset + record.Data.Length <= length && record.Name.Length <= DnsName.MaximumSize);
            }
        }
        Assert.InRange(read, 50_000, 500_000);
    }

    private static string Any(Random random) => s_names[random.Next(s_names.Length)];

    private static byte[] Name(string text)
    {
        var name = new byte[DnsName.MaximumSize];
        return name[..DnsName.Write(text, name)];
    }
}
