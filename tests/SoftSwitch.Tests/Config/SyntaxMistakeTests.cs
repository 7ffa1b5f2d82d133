namespace SoftSwitch.Tests.Config;

/// <summary>Text that is no YAML, or YAML that the language leaves out: each with its place.</summary>
public class SyntaxMistakeTests
{
    [Theory]
    [InlineData("", "1:1: the file is empty: write networks: { lan: { mode: internal } }")]
    [InlineData("# nothing\n", "1:1: the file is empty: write networks: { lan: { mode: internal } }")]
    [InlineData("- a\n", "1:1: a configuration is a map: write networks: and ports:")]
    [InlineData("networks", "1:1: a configuration is a map: write networks: and ports:")]
    [InlineData("networks: { lan: { mode: internal }\n", "1:11: not YAML: this '{' is not closed: write '}' where it ends")]
    [InlineData("networks: { lan: { mode: \"internal } }\n", "1:26: not YAML: this quote is not closed: write \" where the text ends")]
    [InlineData("networks:\n\tlan: { mode: internal }\n", "2:1: not YAML: a tab in the indentation: indent with spaces")]
    [InlineData("networks:\n  lan: { mode: internal }\n bad\n", "3:2: not YAML: no colon behind 'bad': write 'bad:'")]
    [InlineData("networks:\n  lan: mode: internal\n",
        "2:12: not YAML: a second colon in one line: write 'mode: \u2026' on a line of its own, or in braces: lan: { mode: internal }")]
    [InlineData("networks: { lan: { mode: internal } }\n---\nports: {}\n",
        "2:1: a second document begins here: a configuration is one document, write everything above this line")]
    [InlineData("networks: &n { lan: { mode: internal } }\n",
        "1:11: anchors are refused: leave it out and write the value where it is needed")]
    [InlineData("networks: { lan: &n { mode: internal }, dev: *n }\n", "1:18: anchors are refused: leave it out and write the value where "
        + "it is needed\n1:46: aliases are refused: write the value itself in place of '*n'")]
    [InlineData("networks: !!map { lan: { mode: !x internal } }\n", "1:11: tags are refused: leave it out, "
        + "the key gives the value its type\n1:32: tags are refused: leave it out, the key gives the value its type")]
    [InlineData("networks: { lan: { mode: !!str internal } }\n", "1:26: tags are refused: leave it out, the key gives the value its type")]
    [InlineData("networks: { lan: { mode: ! internal } }\n", "1:26: tags are refused: leave it out, the key gives the value its type")]
    [InlineData("%TAG ! tag:x,2000:\n---\nnetworks: { lan: { mode: internal } }\n", "")]
    [InlineData("networks: { lan: { <<: { mode: internal } } }\n", "1:13: network 'lan' has no 'mode': write mode: internal, bridged, "
        + "nat or host-only\n1:20: merge keys are refused: write the keys themselves in place of '<<'")]
    [InlineData("networks: { lan: { mode: internal } }\n? [a]\n: b\n", "2:3: a key must be text: a list or a map can't be one")]
    [InlineData("networks: { lan: { mode: internal }, lan: { mode: internal } }\n",
        "1:38: key 'lan' stands here a second time, the first is at 1:13: keep one of them")]
    [InlineData("networks: { lan: { mode: internal, mode: bridged } }\n",
        "1:36: key 'mode' stands here a second time, the first is at 1:20: keep one of them")]
    [InlineData("networks: { lan: { mode: inter\0nal } }\n", "1:31: a control character (U+0000): a configuration is plain text")]
    [InlineData("a: *x\nb: *y\nc: &z 1\n",
        "1:1: unknown key 'a': the file takes networks, ports, workers, cpus, poll, listen, state\n"
            + "1:1: the file has no 'networks': write networks: { lan: { mode: internal } }\n"
            + "1:4: aliases are refused: write the value itself in place of '*x'\n"
            + "2:1: unknown key 'b': the file takes networks, ports, workers, cpus, poll, listen, state\n"
            + "2:4: aliases are refused: write the value itself in place of '*y'\n3:1: unknown key 'c': the file takes networks, ports, "
            + "workers, cpus, poll, listen, state\n3:4: anchors are refused: leave it out and write the value where it is needed")]
    public void A_syntax_mistake_is_told_at_its_place(string text, string mistakes) => Assert.Equal(mistakes, Files.Mistakes(text));
}
