using SoftSwitch.Config.Yaml;
using SoftSwitch.Live.Layer;

namespace SoftSwitch.Live.Saving;

/// <summary>
/// What has to be done to the text of a file so that it says something else: entries that went go with their lines, or out of their braces;
/// values that differ are replaced where they stand; what is new comes last in its map or list, in its style. Comments stay, but for those
/// on the lines of what goes. What was written is read again by whoever asked for it: here only the usual ways of writing are known.
/// </summary>
/// <param name="edits">Gets what has to be done.</param>
internal sealed class NodeEdits(TextEdits edits)
{
    private const int Step = 2;

    private string Text => edits.Text;

    /// <summary>Has a map say what another does.</summary>
    /// <exception cref="CantPlaceException">There is no neat way.</exception>
    public void Change(MapNode before, MapNode after)
    {
        var wanted = after.Entries.ToDictionary(entry => entry.Key, entry => entry.Value);
        var items = before.Entries.Select(entry =>
            new Item(entry.Span, edits.LineStart(entry.Span.Start), wanted.ContainsKey(entry.Key))).ToList();
        var known = before.Entries.Select(entry => entry.Key).ToHashSet();
        var added = after.Entries.Where(entry => !known.Contains(entry.Key)).ToList();
        if (!before.IsFlow && items.Exists(item => !item.Stays && !IsBlank(item.LineStart, item.Span.Start)))
        {
            Put(before.Span, NodeText.Line(after));
            return;
        }
        foreach (var entry in before.Entries)
        {
            if (wanted.TryGetValue(entry.Key, out var value) && !NodeComparison.Same(entry.Value, value))
                ChangeValue(entry, value, isInFlow: before.IsFlow);
        }
        if (before.IsFlow)
            ChangeFlow(before.Span, items, [.. added.Select(entry => NodeText.Line(entry.Key, entry.Value))], isMap: true);
        else
        {
            var indent = before.Span.Start - edits.LineStart(before.Span.Start);
            ChangeBlock(items, [.. added.Select(entry => NodeText.Block(entry.Key, entry.Value, indent, edits.LineEnd))]);
        }
    }

    private void ChangeValue(MapEntry entry, ConfigNode after, bool isInFlow)
    {
        var (before, colon) = (entry.Value, Text.IndexOf(':', entry.KeySpan.End) + 1);
        if (colon == 0)
            throw new CantPlaceException();
        if (after is MapNode { Entries.Count: 0 } or ListNode { Items.Count: 0 }
            && before is MapNode { IsFlow: false } or ListNode { IsFlow: false })
        {
            foreach (var span in before is MapNode gone ? gone.Entries.Select(one => one.Span)
                : ((ListNode)before).Items.Select(one => one.Span))
                Put(new(edits.LineStart(span.Start), edits.NextLine(span.End)), "");
            Put(new(colon, colon), $" {NodeText.Line(after)}");
        }
        else if (before is MapNode map && after is MapNode other)
            Change(map, other);
        else if (before is ListNode list && after is ListNode items)
            Change(list, items);
        else if (before is TextNode { Text: "" } && before.Span.Start == before.Span.End)
            Fill(entry, after, colon, isInFlow);
        else if (string.IsNullOrWhiteSpace(Text[colon..before.Span.Start]))
            Put(new(colon, before.Span.End), $" {NodeText.Line(after)}");
        else
            Put(before.Span, NodeText.Line(after));
    }

    /// <summary>A key that had no value gets one.</summary>
    private void Fill(MapEntry entry, ConfigNode after, int colon, bool isInFlow)
    {
        if (isInFlow || after is not MapNode map)
        {
            Put(new(colon, colon), $" {NodeText.Line(after)}");
            return;
        }
        var indent = entry.KeySpan.Start - edits.LineStart(entry.KeySpan.Start) + Step;
        ChangeBlock([new(entry.KeySpan, 0, true)],
            [.. map.Entries.Select(one => NodeText.Block(one.Key, one.Value, indent, edits.LineEnd))]);
    }

    private void Change(ListNode before, ListNode after)
    {
        List<Item> items = [];
        List<(ConfigNode Before, ConfigNode After)> changed = [];
        var next = 0;
        foreach (var node in before.Items)
        {
            var at = IndexFrom(after.Items, next, node);
            // What stands in its place, where that isn't one that only comes later.
            var isReplaced = at < 0 && next < after.Items.Count && !before.Items.Any(one => NodeComparison.Same(one, after.Items[next]));
            items.Add(new(node.Span, edits.LineStart(node.Span.Start), at >= 0 || isReplaced));
            if (at > next)
                throw new CantPlaceException();
            if (isReplaced)
                changed.Add((node, after.Items[next]));
            if (at >= 0 || isReplaced)
                next++;
        }
        var added = after.Items.Skip(next).ToList();
        foreach (var (old, now) in changed)
        {
            if (old is MapNode map && now is MapNode other)
                Change(map, other);
            else
                Put(old.Span, NodeText.Line(now));
        }
        if (before.IsFlow)
        {
            ChangeFlow(before.Span, items, [.. added.Select(NodeText.Line)], isMap: false);
            return;
        }
        var dash = DashOf(items);
        ChangeBlock(items, [.. added.Select(node => NodeText.Block($"- {NodeText.Line(node)}", dash, edits.LineEnd))]);
    }

    /// <summary>The column of the dashes, from 0.</summary>
    private int DashOf(List<Item> items)
    {
        foreach (var item in items)
        {
            if (Text[item.LineStart..item.Span.Start].Trim() != "-")
                throw new CantPlaceException();
        }
        return Text.IndexOf('-', items[0].LineStart) - items[0].LineStart;
    }

    private void ChangeBlock(List<Item> items, List<string> added)
    {
        foreach (var item in items.Where(item => !item.Stays))
            Put(new(item.LineStart, edits.NextLine(item.Span.End)), "");
        if (added.Count == 0)
            return;
        var at = edits.NextLine(items[^1].Span.End);
        var isOpen = at == Text.Length && at > 0 && Text[at - 1] != '\n' && items[^1].Stays;
        Put(new(at, at), (isOpen ? edits.LineEnd : "") + string.Concat(added));
    }

    private void ChangeFlow(Span around, List<Item> items, List<string> added, bool isMap)
    {
        var hasComma = !items.Exists(item => item.Stays);
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].Stays)
                continue;
            var (start, end) = items[i].Span;
            var hasBefore = items.Take(i).Any(item => item.Stays);
            if (hasBefore && !Text[items[i - 1].Span.End..start].Contains('#'))
                start = items[i - 1].Span.End;
            else if (!hasBefore && i + 1 < items.Count && !Text[end..items[i + 1].Span.Start].Contains('#'))
                end = items[i + 1].Span.Start;
            else
            {
                // A comment stands beside: the comma before it stays.
                end = Text[end] == ',' ? end + 1 : end;
                hasComma |= !items.Skip(i).Any(item => item.Stays);
            }
            Put(new(start, end), "");
        }
        if (added.Count == 0)
            return;
        var line = string.Join(", ", added);
        if (items.Count == 0)
            Put(new(around.Start + 1, around.End - 1), isMap ? $" {line} " : line);
        else
            Put(new(items[^1].Span.End, items[^1].Span.End), (hasComma ? "" : ", ") + line);
    }

    private bool IsBlank(int from, int to) => string.IsNullOrWhiteSpace(Text[from..to]);

    private void Put(Span span, string with) => edits.Put(span.Start, span.End, with);

    private static int IndexFrom(IReadOnlyList<ConfigNode> nodes, int from, ConfigNode node)
    {
        for (var i = from; i < nodes.Count; i++)
        {
            if (NodeComparison.Same(nodes[i], node))
                return i;
        }
        return -1;
    }

    /// <summary>What stands in a map or a list.</summary>
    /// <param name="Span">All of it.</param>
    /// <param name="LineStart">Where its line begins.</param>
    /// <param name="Stays">It isn't taken out.</param>
    private sealed record Item(Span Span, int LineStart, bool Stays);
}
