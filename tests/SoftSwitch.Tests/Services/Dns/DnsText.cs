using SoftSwitch.Packets;
using SoftSwitch.Packets.Dns;

namespace SoftSwitch.Tests.Services.Dns;

/// <summary>Messages of DNS in words: a record is <c>www.example.org 300 A 192.0.2.1</c>.</summary>
internal static class DnsText
{
    private static readonly Dictionary<string, ushort> s_types = new()
    {
        ["A"] = DnsType.A, ["AAAA"] = DnsType.Aaaa, ["CNAME"] = DnsType.Cname, ["NS"] = DnsType.Ns, ["SOA"] = DnsType.Soa,
        ["PTR"] = DnsType.Ptr, ["TXT"] = DnsType.Txt, ["MX"] = DnsType.Mx, ["ANY"] = DnsType.Any, ["HINFO"] = DnsType.Hinfo,
        ["RRSIG"] = DnsType.Rrsig, ["NSEC"] = DnsType.Nsec, ["DS"] = DnsType.Ds, ["DNSKEY"] = DnsType.Dnskey,
        ["AXFR"] = DnsType.Axfr, ["OPT"] = DnsType.Opt,
    };

    public static ushort Type(string word) => s_types[word];

    public static byte[] Name(string text)
    {
        var name = new byte[DnsName.MaximumSize];
        return name[..DnsName.Write(text, name)];
    }

    /// <summary>Adds a record; of a zone the minimum alone is said.</summary>
    public static void Add(ref DnsWriter writer, int section, string record)
    {
        var words = record.Split(' ');
        byte[] data = words[2] switch
        {
            "A" => [.. words[3].Split('.').Select(byte.Parse)],
            "CNAME" or "NS" or "PTR" => Name(words[3]),
            "SOA" => [.. Name("ns." + words[0]), .. Name("root." + words[0]), .. new byte[18], .. (byte[])[
                (byte)(int.Parse(words[3]) >> 8), (byte)int.Parse(words[3])]],
            _ => [.. words[3].Select(letter => (byte)letter)],
        };
        Assert.True(writer.TryAdd(section, Name(words[0]), Type(words[2]), uint.Parse(words[1]), data));
    }

    /// <summary>An answer in words: its code, its flags, its answers, and its authorities behind a bar.</summary>
    public static string Of(ReadOnlySpan<byte> message)
    {
        var room = new byte[DnsName.MaximumSize];
        var reader = new DnsReader(message);
        var words = new List<string> { reader.Code.ToString() };
        if ((reader.Flags & DnsHeader.Authoritative) != 0)
            words.Add("own");
        if ((reader.Flags & DnsHeader.Truncated) != 0)
            words.Add("cut");
        var (answers, authorities, additionals) = (reader.Answers, reader.Authorities, reader.Additionals);
        if (reader.Questions == 1)
            Assert.True(reader.TryRead(room, out DnsQuestion _));
        for (var i = 0; i < answers + authorities + additionals; i++)
        {
            Assert.True(reader.TryRead(room, out DnsRecord record));
            if (i == answers && authorities > 0)
                words.Add("|");
            if (record.Type == DnsType.Opt && DnsExtension.Of(record) is { CodeBits: > 0 } extension)
                words.Add($"code {extension.CodeBits << 4 | (int)reader.Code}");
            else if (i < answers + authorities)
                words.Add($"{DnsName.ToText(record.Name)} {record.Ttl} {TypeName(record.Type)}{Data(message, record)}");
        }
        Assert.Equal(message.Length, reader.Position);
        return string.Join(' ', words);
    }

    private static string TypeName(ushort type) => s_types.First(one => one.Value == type).Key;

    private static string Data(ReadOnlySpan<byte> message, DnsRecord record)
    {
        var at = record.DataOffset;
        var name = new byte[DnsName.MaximumSize];
        return record.Type switch
        {
            DnsType.A => $" {Ipv4Address.Read(record.Data)}",
            DnsType.Cname or DnsType.Ptr or DnsType.Ns =>
                $" {DnsName.ToText(name.AsSpan(0, DnsName.Read(message, ref at, name)))}",
            _ => "",
        };
    }
}
