using System.Text;
using CsCheck;
using SoftSwitch.Config;

namespace SoftSwitch.Tests.Config;

/// <summary>Files that nobody wrote by hand: each ends in a model or in mistakes, never in an exception. CsCheck_Iter=1000000 in the
/// environment looks longer.</summary>
public class HostileFileTests
{
    [Fact]
    public void A_hundred_thousand_brackets_are_a_mistake_or_two()
    {
        foreach (var bracket in new[] { "[", "{", "- ", "? ", "[{", "a: [", "[]", "{}", "}", "]", "'", "\"", "&a ", "*a ", "!a ", "|\n",
            ": ", "%", "---\n", "...\n", "@", "`" })
            Assert.InRange(Files.Read(string.Concat(Enumerable.Repeat(bracket, 100_000))).Mistakes.Count, 1, 2);
    }

    [Fact]
    public void A_nesting_too_deep_is_told_at_the_bracket_that_goes_too_far()
    {
        Assert.Equal("1:17: nested deeper than 16 levels: a configuration needs no more than 6", Files.Mistakes(new string('[', 100_000)));
    }

    [Fact]
    public void Any_text_is_read_without_an_exception()
    {
        var alphabet = "{}[]:,-?&*!|>'\"%@`#<= \t\n\r\0\u0085\uFEFF\u2028\uD800\uDC00\\ab01~.é".ToCharArray();
        Gen.Int[0, alphabet.Length - 1].Select(index => alphabet[index]).Array[0, 80].Select(letters => new string(letters))
            .Sample(ReadsToTheEnd, iter: Math.Max(Check.Iter, 20_000));
    }

    [Fact]
    public void A_valid_file_with_damage_is_read_without_an_exception()
    {
        var bits = new[] { "{", "}", "[", "]", ":", ": ", ",", "- ", "? ", "&a", "*a", "!t", "!!int ", "|", ">", "'", "\"", "#", "\n", "\t",
            "  ", "<<", "---\n", "...\n", "%", "\\x", "\u0000", "0", "é" };
        foreach (var valid in new[] { Files.Valid, Files.Full })
        {
            var damage = Gen.Select(Gen.Int[0, valid.Length - 1], Gen.Int[0, 12], Gen.Int[0, bits.Length - 1].Select(index => bits[index]));
            damage.Array[1, 4].Select(cuts =>
            {
                var text = valid;
                foreach (var (place, length, bit) in cuts)
                {
                    var at = Math.Min(place, text.Length);
                    text = text[..at] + bit + text[Math.Min(at + length, text.Length)..];
                }
                return text;
            }).Sample(ReadsToTheEnd, iter: Math.Max(Check.Iter, 3_000));
        }
    }

    [Fact]
    public void A_file_cut_off_anywhere_is_read_without_an_exception()
    {
        for (var length = 0; length <= Files.Full.Length; length++)
            ReadsToTheEnd(Files.Full[..length]);
    }

    [Fact]
    public void Random_bytes_in_a_file_are_read_without_an_exception()
    {
        var path = Path.GetTempFileName();
        try
        {
            Gen.Byte.Array[0, 200].Sample(bytes =>
            {
                File.WriteAllBytes(path, bytes);
                Judge(ConfigFile.Load(path));
            }, iter: Math.Max(Check.Iter, 2_000), threads: 1);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData(1024 * 1024, false)]
    [InlineData(1024 * 1024 + 1, true)]
    [InlineData(10_000_000, true)]
    public void A_file_larger_than_a_mebibyte_is_refused_before_it_is_read(int size, bool refused)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "networks: { lan: { mode: internal } } #".PadRight(size, 'x'));
            var result = ConfigFile.Load(path);
            Assert.Equal(refused ? $"{path}: larger than 1 MiB: a configuration needs less" : "", string.Join('\n', result.Mistakes));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_file_that_never_ends_is_refused()
    {
        Assert.Equal("/dev/zero: larger than 1 MiB: a configuration needs less", string.Join('\n', ConfigFile.Load("/dev/zero").Mistakes));
    }

    [Theory]
    [InlineData("/nowhere/file", "/nowhere/file: no such file: check the path")]
    [InlineData("/proc/self/task", "/proc/self/task: no file in it is called NAME.yaml: write one, such as networks.yaml")]
    [InlineData("", "'': no file is named: write its path")]
    public void A_file_that_cannot_be_read_is_one_mistake_with_a_cure(string path, string mistake)
    {
        Assert.Equal(mistake, Assert.Single(ConfigFile.Load(path).Mistakes).ToString());
    }

    [Fact]
    public void Text_in_another_encoding_is_told_where_it_begins()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, [.. "# caf"u8, 0xE9, .. "\n"u8]);
            Assert.Equal($"{path}:1:6: not UTF-8 text: save the file as UTF-8", Assert.Single(ConfigFile.Load(path).Mistakes).ToString());
            File.WriteAllBytes(path, [0xEF, 0xBB, 0xBF, .. "networks: { lan: { mode: internal } }\r\n"u8]);
            Assert.True(ConfigFile.Load(path).Ok);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Thousands_of_mistakes_are_all_told()
    {
        var text = new StringBuilder("networks: { lan: { mode: internal } }\nports:\n");
        for (var i = 0; i < 5_000; i++)
            text.Append($"  p{i}: {{ network: nowhere, kind: tap, colour: red }}\n");
        Assert.Equal(10_000, Files.Read(text.ToString()).Mistakes.Count);
    }

    /// <summary>Each of these would take minutes where every part is held against every other.</summary>
    [Theory]
    [InlineData("networks:\n", "  n{0}: {}\n", "ports:\n", "  p{0}: {network: m{0}}\n")]
    [InlineData("networks:\n  n:\n    mode: nat\n    dhcp:\n      reservations:\n", "      - {name: a{0}}\n", "    forwards:\n",
        "    - {to: b{0}}\n")]
    [InlineData("cpus:\n", "- {0}\n", "workers:\n", "- {0}\n")]
    [InlineData("", "a{0}: {}\n", "networks:\n", "  n{0}: {uplink: a}\n")]
    public void A_large_file_full_of_mistakes_is_read_to_its_end(string first, string one, string second, string other)
    {
        var text = new StringBuilder(first);
        for (var i = 0; i < 22_000; i++)
            text.Append(one.Replace("{0}", $"{i}"));
        text.Append(second);
        for (var i = 0; i < 18_000; i++)
            text.Append(other.Replace("{0}", $"{i}"));
        Assert.InRange(Files.Read(text.ToString()).Mistakes.Count, 17_000, 200_000);
    }

    [Fact]
    public void A_mistake_is_one_line_whatever_the_file_is_called()
    {
        Assert.Equal("a?b: no such file: check the path", Assert.Single(ConfigFile.Load("a\nb").Mistakes).ToString());
    }

    [Fact]
    public void Twenty_thousand_ports_are_a_configuration()
    {
        var text = new StringBuilder("networks: { lan: { mode: internal } }\nports:\n");
        for (var i = 0; i < 20_000; i++)
            text.Append($"  p{i}: {{ network: lan, kind: tap }}\n");
        Assert.Equal(20_000, Files.Read(text.ToString()).Model!.Ports.Count);
    }

    private static void ReadsToTheEnd(string text) => Judge(Files.Read(text));

    /// <summary>A model or mistakes, each of them one line of a bearable length and at a place.</summary>
    private static void Judge(ConfigResult result)
    {
        Assert.NotEqual(result.Ok, result.Mistakes.Count > 0);
        foreach (var mistake in result.Mistakes)
        {
            Assert.DoesNotContain(mistake.ToString(), character => char.IsControl(character));
            Assert.InRange(mistake.Message.Length, 10, 400);
            Assert.True(mistake is { Line: > 0, Column: > 0 } || mistake.Line == 0 && mistake.Column == 0, mistake.ToString());
        }
    }
}
