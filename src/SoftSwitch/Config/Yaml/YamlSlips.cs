namespace SoftSwitch.Config.Yaml;

/// <summary>
/// Finds the slip of the pen behind YAML that can't be read, and tells it in the words of whoever wrote the file. A parser notices a
/// missing colon where the text no longer fits, lines below, and in the words of its own rules; this looks at the lines as they were meant.
/// </summary>
/// <remarks>
/// Theory of operation. Only run on text that the parser has refused, so it needn't accept all of YAML, only not mistake a good line for a
/// bad one: a configuration is keys with values, each on a line or in braces, and no value goes on on the next line. Each line is looked at
/// by itself (<see cref="BlockSlips"/>: a key, a colon, a space, a value), with the columns of the lines above it
/// (<see cref="SlipColumns"/>). Where braces or brackets are open, entries are looked at instead, up to the bracket's end
/// (<see cref="FlowSlips"/>). What concerns one line alone is told of every line; a bracket, a quote or an indentation that is wrong makes
/// what follows unreliable, and ends the search.
/// </remarks>
internal static class YamlSlips
{
    /// <summary>Reports the slips that explain why a text can't be read.</summary>
    /// <param name="text">The text.</param>
    /// <param name="until">Where the parser gave up: what comes much later isn't the reason.</param>
    /// <returns>False: none was found.</returns>
    public static bool Tell(string text, Position until, MistakeList mistakes)
    {
        var report = new SlipReport(mistakes);
        var flow = new FlowSlips(report);
        var block = new BlockSlips(text, report, flow);
        var number = 0;
        var blockText = -1;
        foreach (var raw in text.AsSpan().EnumerateLines())
        {
            number++;
            if (report.Ended || (number > until.Line + 1 && report.Count > 0))
                return true;
            var line = SlipText.WithoutComment(raw).TrimEnd(" \t");
            var content = line.TrimStart(" \t");
            var column = line.Length - content.Length;
            if (content.IsEmpty || content is "---" or "..." || (blockText >= 0 && column > blockText))
                continue;
            blockText = content is [.., '|'] or [.., '>'] && !flow.IsOpen ? column : -1;
            if (line.IndexOf('\t') is >= 0 and var tab && tab < column)
                report.End(new(number, tab + 1), YamlTab.Mistake);
            else if (!flow.IsOpen)
                block.Look(number, line, column);
            else if (flow.EndsBefore(content, column))
                break;
            else
                flow.GoOn(number, line, column);
        }
        if (!report.Ended)
            flow.Finish();
        return report.Count > 0;
    }
}
