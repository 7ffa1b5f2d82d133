using System.Text;

namespace SoftSwitch.Live.Saving;

/// <summary>Changes of a text, each at its own place; what lies between them stays letter by letter.</summary>
/// <param name="text">As it is.</param>
internal sealed class TextEdits(string text)
{
    private readonly List<(int Start, int End, string With)> _edits = [];

    public string Text => text;

    /// <summary>How lines of this text end.</summary>
    public string LineEnd { get; } = text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";

    /// <summary>Puts something in the place of a piece; those at the same place stand in the order in which they were said.</summary>
    public void Put(int start, int end, string with) => _edits.Add((start, end, with));

    /// <summary>Where the line of a letter begins.</summary>
    public int LineStart(int index) => index == 0 ? 0 : text.LastIndexOf('\n', index - 1) + 1;

    /// <summary>Where the line behind that of a letter begins, or the text ends.</summary>
    public int NextLine(int index) => text.IndexOf('\n', index) is >= 0 and var end ? end + 1 : text.Length;

    /// <summary>The text with all of them.</summary>
    /// <exception cref="CantPlaceException">Two of them are in each other's way.</exception>
    public string Apply()
    {
        var after = new StringBuilder(text.Length);
        var at = 0;
        foreach (var (start, end, with) in Sorted())
        {
            if (start < at)
                throw new CantPlaceException();
            after.Append(text, at, start - at).Append(with);
            at = end;
        }
        return after.Append(text, at, text.Length - at).ToString();
    }

    /// <summary>The lines that differ, each behind <c>- </c> or <c>+ </c>.</summary>
    public IReadOnlyList<string> Lines()
    {
        List<string> lines = [];
        var edits = Sorted();
        for (var i = 0; i < edits.Count;)
        {
            var (from, to) = LinesOf(edits[i]);
            var next = i + 1;
            while (next < edits.Count && LinesOf(edits[next]) is var more && more.Start <= to)
                (to, next) = (Math.Max(to, more.End), next + 1);
            var after = new StringBuilder();
            var at = from;
            for (; i < next; i++)
            {
                after.Append(text, at, edits[i].Start - at).Append(edits[i].With);
                at = edits[i].End;
            }
            after.Append(text, at, to - at);
            Tell(lines, Split(text[from..to]), Split(after.ToString()));
        }
        return lines;
    }

    private List<(int Start, int End, string With)> Sorted() => [.. _edits.OrderBy(edit => edit.Start).ThenBy(edit => edit.End)];

    /// <summary>Whole lines around an edit; none where whole ones are put in.</summary>
    private (int Start, int End) LinesOf((int Start, int End, string With) edit)
    {
        var start = LineStart(edit.Start);
        return (start, start == edit.Start && LineStart(edit.End) == edit.End ? edit.End : NextLine(edit.End));
    }

    private static string[] Split(string text) => text.Length == 0 ? [] : text.TrimEnd('\r', '\n').ReplaceLineEndings("\n").Split('\n');

    private static void Tell(List<string> lines, string[] before, string[] after)
    {
        var head = before.Zip(after).TakeWhile(pair => pair.First == pair.Second).Count();
        var tail = before[head..].Reverse().Zip(after[head..].Reverse()).TakeWhile(pair => pair.First == pair.Second).Count();
        lines.AddRange(before[head..^tail].Select(line => $"- {line}"));
        lines.AddRange(after[head..^tail].Select(line => $"+ {line}"));
    }
}
