using System.Text;
using CsCheck;
using SoftSwitch.Config;
using SoftSwitch.Live.Layer;
using SoftSwitch.Live.Saving;

namespace SoftSwitch.Tests.Live;

/// <summary>Whatever a file looks like and whatever was said at run time: what is saved says what ran, and no comment is lost.</summary>
public sealed class SavePropertyTests
{
    [Fact]
    public void What_is_saved_says_what_ran_and_keeps_the_comments_of_others() =>
        Gen.Int.Sample(seed => Check(new Random(seed)), iter: Math.Max(CsCheck.Check.Iter, 1_000));

    private static void Check(Random random)
    {
        var names = Enumerable.Range(0, random.Next(1, 5)).Select(number => $"p{number}").ToList();
        var forwards = Enumerable.Range(0, random.Next(4)).Select(number => $"out tcp/{1000 + number}").ToList();
        var text = File(random, names, forwards);
        var document = ConfigDocument.Of("a.yaml", text);
        var compiled = document.Compile(null);
        Assert.True(compiled.Ok, $"{string.Join('\n', compiled.Mistakes)}\n{text}");

        var edit = new LayerEdit(document.Root!, RunTimeLayer.Empty, compiled.Model, null);
        for (var i = random.Next(1, 6); i > 0; i--)
            Change(random, edit);
        var layer = edit.Layer;
        var ran = document.Compile(null, (root, mistakes) => LayeredConfig.Over(root, layer, mistakes));
        if (!ran.Ok)
            return;
        var saved = SavedConfig.Of(document, layer, out var obstacles);
        Assert.True(saved is not null, $"{string.Join('\n', obstacles)}\n{text}");
        var after = saved.Document.Parts[0].Text;
        text += "\n"; // Where its last line has no end, it may get one.
        var lines = after + "\n";
        // The order, too: there is one file.
        Assert.Equal(ConfigWriter.Write(ran.Model), ConfigWriter.Write(ConfigFile.Parse("a.yaml", after).Model!));
        foreach (var name in names.Where(name => layer.Of(RunTimeNoun.Port, name) is null))
        {
            Assert.True(Count(text, $"# above {name}\n") == Count(lines, $"# above {name}\n"), $"{text}\n---\n{after}");
            Assert.True(Count(text, $"# beside {name}\n") == Count(lines, $"# beside {name}\n"), $"{text}\n---\n{after}");
        }
        foreach (var name in forwards.Where(name => layer.Of(RunTimeNoun.Forward, name) is null))
            Assert.True(Count(text, $"# beside {name}\n") == Count(lines, $"# beside {name}\n"), $"{text}\n---\n{after}");
        // What it has written, it has nothing to do with.
        Assert.Empty(SavedConfig.Of(saved.Document, RunTimeLayer.Empty, out _)!.Parts);
    }

    private static void Change(Random random, LayerEdit edit)
    {
        var port = $"p{random.Next(7)}";
        var mtu = random.Next(1000, 1500);
        var (noun, name) = random.Next(4) == 0 ? (RunTimeNoun.Forward, $"out tcp/{1000 + random.Next(6)}") : (RunTimeNoun.Port, port);
        var (verb, keys) = (random.Next(3), noun) switch
        {
            (0, _) => ("remove", null),
            (1, RunTimeNoun.Port) => ("set", random.Next(2) == 0 ? $$"""{"mtu":{{mtu}}}""" : """{"comment":null,"admin":"down"}"""),
            (_, RunTimeNoun.Port) => ("add", $$"""{"network":"dev","kind":"guest","comment":"x: #{{mtu}} \"'"}"""),
            _ => ("add", $$"""{"from":"{{name[4..]}}","to":"10.10.0.{{random.Next(2, 200)}}:22"}"""),
        };
        if (random.Next(10) == 0)
            (noun, name, verb, keys) = (RunTimeNoun.Network, $"n{mtu}", "add", """{"mode":"internal"}""");
        SaveSamples.Do(edit, noun, verb, name, keys);
    }

    /// <summary>A file as people write them, in any mixture of styles.</summary>
    private static string File(Random random, List<string> ports, List<string> forwards)
    {
        var text = new StringBuilder(random.Next(2) == 0 ? "---\n# head\n" : "");
        string[] parts = [Networks(random, forwards), Ports(random, ports), random.Next(2) == 0 ? "workers: 1\n" : ""];
        if (random.Next(2) == 0)
            Array.Reverse(parts);
        text.AppendJoin(random.Next(2) == 0 ? "\n" : "", parts);
        if (random.Next(3) == 0)
            text.Append("# the end");
        else if (random.Next(3) == 0)
            text.Length--; // Its last line has no end.
        return random.Next(4) == 0 ? text.ToString().ReplaceLineEndings("\r\n").Replace("\r\n", "\n") : text.ToString();
    }

    private static string Networks(Random random, List<string> forwards)
    {
        var text = new StringBuilder("networks:\n  dev: { mode: internal }  # of developers\n"
            + "  out:\n    mode: nat\n    subnet: 10.10.0.0/24\n");
        if (forwards.Count == 0)
            return text.ToString();
        if (random.Next(3) == 0)
            return text.Append("    forwards: [").AppendJoin(", ", forwards.Select(Forward)).Append("]\n").ToString();
        text.Append("    forwards:\n");
        var indent = random.Next(2) == 0 ? "    " : "      ";
        foreach (var forward in forwards)
            text.Append(random.Next(2) == 0 ? $"{indent}- {Forward(forward)}  # beside {forward}\n"
                : $"{indent}- from: {forward[4..]}  # beside {forward}\n{indent}  to: 10.10.0.9:80\n");
        return text.ToString();
    }

    private static string Forward(string name) => $"{{ from: {name[4..]}, to: \"10.10.0.9:80\" }}";

    private static string Ports(Random random, List<string> ports)
    {
        var text = new StringBuilder("ports:\n");
        if (random.Next(4) == 0)
        {
            text = new("ports: {");
            for (var i = 0; i < ports.Count; i++)
                text.Append(i == 0 ? " " : ", ").Append($"{ports[i]}: {{ network: dev, kind: guest, comment: 'it''s' }}");
            return text.Append(random.Next(2) == 0 ? " }\n" : "}\n").ToString();
        }
        foreach (var port in ports)
        {
            if (random.Next(2) == 0)
                text.Append($"  # above {port}\n");
            text.Append(random.Next(4) switch
            {
                0 => $"  {port}: {{ network: dev, kind: guest }}  # beside {port}\n",
                1 => $"  {port}:\n    network: dev\n    # in it\n    kind: guest  # beside {port}\n",
                2 => $"  \"{port}\": {{ network: dev,\n      kind: guest, mtu: 1200 }}  # beside {port}\n",
                _ => $"  {port}:  # beside {port}\n    comment: |-\n      text\n    kind: guest\n\n    network: dev\n",
            });
        }
        return text.ToString();
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
