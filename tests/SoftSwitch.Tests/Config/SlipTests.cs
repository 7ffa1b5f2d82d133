namespace SoftSwitch.Tests.Config;

/// <summary>The slips that everybody makes who writes YAML by hand: told in the words of whoever wrote it, at the line where it happened,
/// and alone.</summary>
public class SlipTests
{
    [Theory]
    [InlineData("networks:\n  dev: { mode:nat, subnet: 10.10.0.0/24 }\n", "2:10: no space behind the colon: write 'mode: nat'")]
    [InlineData("networks:\n  dev:\n    mode:nat\n    subnet: 10.10.0.0/24\n",
        "3:5: not YAML: no space behind the colon: write 'mode: nat'")]
    [InlineData("networks:\n  dev:\n    subnet: 10.10.0.0/24\n    mode:nat\nports:\n  a: { network: dev, kind: tap }\n",
        "4:5: not YAML: no space behind the colon: write 'mode: nat'")]
    [InlineData("networks:\n  dev:\n    mode:nat\n", "3:5: no space behind the colon: write 'mode: nat'")]
    [InlineData("networks:{ dev: { mode: nat } }\n", "1:1: not YAML: no space behind the colon: write 'networks: { dev: { mode: nat } }'")]
    [InlineData("networks:\n  dev: {mode: nat}\nports:\n  a: { network:dev, kind:tap }\n",
        "4:8: no space behind the colon: write 'network: dev'\n4:21: no space behind the colon: write 'kind: tap'")]
    [InlineData("networks:\n  dev: { mode: nat, subnet: 10.0.0.0/24,forwards:[{from: tcp/1,to: \"10.0.0.2:1\"}] }\n",
        "2:41: not YAML: no space behind the colon: write 'forwards: ['")]
    [InlineData("networks:\n  dev:\n    mode nat\n    subnet: 10.10.0.0/24\n", "3:5: not YAML: no colon behind 'mode': write 'mode: nat'")]
    [InlineData("networks:\n  dev\n    mode: nat\n", "2:3: not YAML: no colon behind 'dev': write 'dev:'")]
    [InlineData("networks\n  dev:\n    mode: nat\n", "1:1: not YAML: no colon behind 'networks': write 'networks:'")]
    [InlineData("networks:\n  dev: { mode nat, subnet: 10.10.0.0/24 }\n", "2:10: no colon behind 'mode': write 'mode: nat'")]
    [InlineData("networks:\n  dev:\n    mode: nat\n    subnet 10.10.0.0/24\nports:\n  a: { network: dev, kind: tap }\n",
        "4:5: not YAML: no colon behind 'subnet': write 'subnet: 10.10.0.0/24'")]
    [InlineData("networks:\n  dev:\n    mode = nat\n    subnet: 10.0.0.0/24\n", "3:5: not YAML: no colon behind 'mode': write 'mode: nat'")]
    [InlineData("networks:\n\tdev:\n\t\tmode: nat\n", "2:1: not YAML: a tab in the indentation: indent with spaces")]
    [InlineData("networks:\n  dev:\n    mode: nat\n\tsubnet: 10.0.0.0/24\n", "4:1: not YAML: a tab in the indentation: indent with spaces")]
    [InlineData("networks:\n  dev:\n    mode: nat\n      subnet: 10.10.0.0/24\n",
        "4:7: not YAML: indented deeper than the line above, which has a value of its own: begin it in column 5, below the others")]
    [InlineData("networks:\n  dev:\n    mode: nat\n   subnet: 10.10.0.0/24\n",
        "4:4: not YAML: indented like none of the lines above: begin it in column 3 or 5, below those that it belongs to")]
    [InlineData("  networks:\n    dev: { mode: nat }\nports:\n  a: { network: dev, kind: tap }\n",
        "3:1: not YAML: begins left of the first line: begin both in column 1")]
    [InlineData("networks:\n  dev: { mode: nat }\nports:\n  a: { network: dev, kind: tap, mac: \"52:54:00:00:00:01 }\n"
        + "  b: { network: dev, kind: tap }\n", "4:38: not YAML: this quote is not closed: write \" where the text ends")]
    [InlineData("networks:\n  dev:\n    mode: \"nat\n    subnet: 10.10.0.0/24\n",
        "3:11: not YAML: this quote is not closed: write \" where the text ends")]
    [InlineData("networks:\n  dev:\n    mode: 'nat\n    subnet: 10.10.0.0/24\n",
        "3:11: not YAML: this quote is not closed: write ' where the text ends")]
    [InlineData("networks:\n  dev: { mode: nat\n  lab: { mode: internal }\nports:\n  a: { network: dev, kind: tap }\n",
        "2:8: not YAML: this '{' is not closed: write '}' where it ends")]
    [InlineData("networks:\n  dev: { mode: nat } }\nports:\n  a: { network: dev, kind: tap }\n",
        "2:22: not YAML: this '}' closes nothing: take it away")]
    [InlineData("networks:\n  dev: { mode: internal }\nports:\n  a: { network: dev, kind: tap\n",
        "4:6: not YAML: this '{' is not closed: write '}' where it ends")]
    [InlineData("cpus: [1, 2\nnetworks:\n  dev: { mode: nat }\n", "1:7: not YAML: this '[' is not closed: write ']' where it ends")]
    [InlineData("networks:\n  dev: { mode: nat, forwards: [ { from: tcp/1, to: \"a:1\" } }\n",
        "2:60: not YAML: this '}' doesn't close the '[' at 2:31: write ']' before it")]
    [InlineData("networks:\n  dev: { mode: nat subnet: 10.10.0.0/24 }\n",
        "2:20: not YAML: a comma is missing before 'subnet: 10.10.0.0/24'")]
    [InlineData("networks:\n  dev: { mode: nat, forwards: [ { from: tcp/1 to: \"10.0.0.1:1\" } ] }\n",
        "2:47: not YAML: a comma is missing before 'to: \"10.0.0.1:1\"'")]
    [InlineData("networks:\n  dev: { mode: nat, subnet: 10.0.0.0/24, forwards: [ { from: tcp/1, to: \"10.0.0.2:1\" } { from: tcp/2, "
        + "to: \"10.0.0.2:2\" } ] }\n", "2:88: not YAML: a comma is missing before this '{'")]
    [InlineData("networks:\n  dev: {\n    mode: nat\n    subnet: 10.0.0.0/24\n  }\n",
        "3:14: not YAML: a comma is missing at the end of this line")]
    [InlineData("networks:\n  dev: { mode: nat; subnet: 10.0.0.0/24 }\n",
        "2:21: not YAML: a ';' where a comma belongs: write ',' before 'subnet: 10.0.0.0/24'")]
    [InlineData("networks:\n  dev:\n    mode: nat\n    forwards:\n      { from: tcp/1, to: \"10.0.0.2:1\" }\n      { from: tcp/2, "
        + "to: \"10.0.0.2:1\" }\n", "6:7: not YAML: a second map without a hyphen: write '- ' before each item of a list")]
    [InlineData("networks:\n  dev:\n    mode: nat\n    forwards:\n      -{ from: tcp/1, to: \"10.0.0.2:1\" }\n",
        "5:7: not YAML: no space behind the hyphen: write '- { from: tcp/1, to: \"10.0.0.2:1\" }'")]
    [InlineData("networks:\n  dev:\n    mode: nat\n    forwards:\n      -from: tcp/1\n       to: a\n",
        "5:7: not YAML: no space behind the hyphen: write '- from: tcp/1'")]
    [InlineData("networks:\n  dev: { mode: internal }\nports:\n  a: { network: dev, kind: tap, mac: \u201C52:54:00:00:00:01\u201D }\n",
        "4:38: \u201C is no quote of YAML: write \" in its place\n4:56: \u201D is no quote of YAML: write \" in its place")]
    [InlineData("networks:\n  dev:\n    mode: \u201Cnat\u201D\n",
        "3:11: \u201C is no quote of YAML: write \" in its place\n3:15: \u201D is no quote of YAML: write \" in its place")]
    [InlineData("networks:\n  dev:\n\u00A0\u00A0\u00A0\u00A0mode: nat\n",
        "3:1: a space that is none (U+00A0): write an ordinary one in its place, or nothing")]
    [InlineData("networks:\r\n  dev:\r\n    mode:nat\r\n    mtu: 1500\r\n", "3:5: not YAML: no space behind the colon: write 'mode: nat'")]
    [InlineData("networks:\r\n  dev:\r\n    mode: internal\r\n", "")]
    [InlineData("\uFEFFnetworks:\n  dev:\n    mode: internal\n", "")]
    [InlineData("networks:\n  dev: { mode: internal }\nports:\n  a: { network: dev, kind: tap }\nports:\n"
        + "  b: { network: dev, kind: tap }\n", "5:1: key 'ports' stands here a second time, the first is at 3:1: keep one of them")]
    [InlineData("networks:\n  dev:\n    mode: nat: yes\n",
        "3:14: not YAML: a second colon in one line: write 'nat: \u2026' on a line of its own, or in braces: mode: { nat: yes }")]
    [InlineData("networks: dev: { mode: internal }\n", "1:14: not YAML: a second colon in one line: write 'dev: \u2026' on a line of its "
        + "own, or in braces: networks: { dev: { mode: internal } }")]
    [InlineData("networks:\n  dev: { mode: @nat }\n",
        "2:16: not YAML: a value can't begin with '@': leave it out, or write the value in quotes")]
    [InlineData("networks:\n  dev: { mode: internal } // x\n", "2:27: not YAML: nothing goes behind this '}': a comment begins with ' #'")]
    [InlineData("{\"networks\": {\"dev\": {\"mode\": \"internal\"}\n", "1:14: not YAML: this '{' is not closed: write '}' where it ends")]
    public void A_slip_is_told_where_it_happened(string text, string mistakes) => Assert.Equal(mistakes, Files.Mistakes(text));

    /// <summary>One slip anywhere in a long file that is right otherwise: its line is named, and no other.</summary>
    [Fact]
    public void A_space_or_a_colon_that_is_missing_anywhere_is_told_on_its_line()
    {
        var lines = Files.Valid.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var colon = lines[i].IndexOf(": ", StringComparison.Ordinal);
            // What stands inside of braces alone is looked at by its keys: SwitchReader's business.
            if (colon < 0 || lines[i][..colon].Contains('{') || lines[i][colon + 2] == ' ')
                continue;
            foreach (var slip in (string[])[lines[i].Remove(colon + 1, 1), lines[i].Remove(colon, 1)])
            {
                if (slip.TrimStart() == lines[i].TrimStart())
                    continue;
                var told = Files.Mistakes(string.Join('\n', [.. lines[..i], slip, .. lines[(i + 1)..]])).Split('\n');
                Assert.Contains(told, line => line.StartsWith($"{i + 1}:", StringComparison.Ordinal)
                    && (line.Contains("no space behind the colon") || line.Contains("no colon behind")));
                Assert.All(told, line => Assert.StartsWith($"{i + 1}:", line));
            }
        }
    }
}
