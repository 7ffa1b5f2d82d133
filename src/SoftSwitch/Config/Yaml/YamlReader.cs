using SoftSwitch.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace SoftSwitch.Config.Yaml;

// Text to a tree of nodes. It reads the events of YamlDotNet's parser one by one and keeps the open maps and lists on a stack
// of its own, so that a file can be neither deeper nor larger than the limits say, whatever stands in it: the library's own
// trees recurse, stop at the first duplicate key, and follow aliases.
//
// The language is a part of YAML: maps, lists and text. Anchors, aliases, tags, merge keys, keys that are not text and second
// documents are refused. Scalars stay text: what they mean is decided by the key they stand under, not here.

internal sealed class YamlReader
{
    public const int DeepestNesting = 16;
    public const int MostNodes = 250_000;

    private readonly string _text;
    private readonly string? _source;
    private readonly MistakeList _mistakes;
    private readonly Scanner _scanner;
    private readonly Stack<OpenNode> _open = new();
    private ConfigNode? _root;
    private int _nodes;
    private int _documents;

    private YamlReader(string text, MistakeList mistakes, string? source)
    {
        _text = text;
        _source = source;
        _mistakes = mistakes;
        _scanner = new Scanner(new StringReader(text), skipComments: true);
    }

    /// <summary>The root, null for an empty file; with mistakes reported the tree may be incomplete.</summary>
    /// <param name="complete">False when the reading ended before the file did.</param>
    /// <param name="source">What places call the file, where there are others beside it.</param>
    public static ConfigNode? Read(string text, MistakeList mistakes, out bool complete, string? source = null)
    {
        var reader = new YamlReader(text, mistakes, source);
        complete = reader.ReadEvents();
        return reader._root;
    }

    private bool ReadEvents()
    {
        var parser = new Parser(_scanner);
        bool broken;
        while (Next(parser, out broken))
        {
            if (!Take(parser.Current!))
                return false;
        }
        return !broken;
    }

    /// <summary>One event on; false at the end, or where the text is broken and its mistake is told.</summary>
    private bool Next(Parser parser, out bool broken)
    {
        broken = false;
        try
        {
            return parser.MoveNext();
        }
        catch (YamlException e)
        {
            var at = At(e.Start);
            var tab = YamlTab.Find(_text, e.Message, at);
            if (tab is not null || !YamlSlips.Tell(_text, At(e.End), _mistakes))
                _mistakes.Add(tab ?? at, tab is null ? YamlSyntax.Explain(e.Message) : YamlTab.Mistake);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The library meets some broken files with exceptions of any kind that were not meant for them.
            var at = At(_scanner.CurrentPosition);
            if (!YamlSlips.Tell(_text, at, _mistakes))
                _mistakes.Add(at, YamlSyntax.Unreadable);
        }
        broken = true;
        return false;
    }

    private bool Take(ParsingEvent current)
    {
        switch (current)
        {
            case DocumentStart when ++_documents > 1:
                return End(current.Start,
                    "a second document begins here: a configuration is one document, write everything above this line");
            case AnchorAlias alias:
                _mistakes.Add(At(alias.Start), $"aliases are refused: write the value itself in place of {Shown.Quote("*" + alias.Value)}");
                return Count(alias.Start) && Close(new RefusedNode(At(alias.Start)) { Span = SpanOf(alias) });
            case Scalar scalar:
                return RefuseProperties(scalar) && Count(scalar.Start) && TakeScalar(scalar);
            case MappingStart map:
                return RefuseProperties(map) && Count(map.Start) && Open(map, isMap: true, map.Style == MappingStyle.Flow);
            case SequenceStart list:
                return RefuseProperties(list) && Count(list.Start) && Open(list, isMap: false, list.Style == SequenceStyle.Flow);
            case MappingEnd or SequenceEnd:
                return Close(_open.Pop().ToNode((int)current.Start.Index + 1));
            default:
                return true;
        }
    }

    private bool RefuseProperties(NodeEvent node)
    {
        var at = (int)node.Start.Index;
        if (!node.Anchor.IsEmpty)
            _mistakes.Add(At(node.Start), "anchors are refused: leave it out and write the value where it is needed");
        // Quoted text carries a tag of the library's own; only what begins with '!' in the file is the user's.
        else if (at < _text.Length && _text[at] == '!')
            _mistakes.Add(At(node.Start), "tags are refused: leave it out, the key gives the value its type");
        return true;
    }

    private bool TakeScalar(Scalar scalar)
    {
        if (_open.TryPeek(out var parent) && parent.WantsKey)
        {
            if (scalar.Value == "<<" && scalar.Style == ScalarStyle.Plain)
                _mistakes.Add(At(scalar.Start), "merge keys are refused: write the keys themselves in place of '<<'");
            else if (parent.Keys.TryGetValue(scalar.Value, out var first))
                _mistakes.Add(At(scalar.Start),
                    $"key {Shown.Quote(scalar.Value)} stands here a second time, the first is at {first}: keep one of them");
            else
            {
                parent.Keys.Add(scalar.Value, At(scalar.Start));
                parent.BeginEntry(At(scalar.Start), scalar.Value, SpanOf(scalar), keep: true);
                return true;
            }
            parent.BeginEntry(At(scalar.Start), scalar.Value, SpanOf(scalar), keep: false);
            return true;
        }
        var isEmpty = scalar.Value.Length == 0 && scalar.Style == ScalarStyle.Plain;
        return Close(new TextNode(isEmpty && parent is { IsMap: true } ? parent.KeyAt : At(scalar.Start), scalar.Value)
            { Span = SpanOf(scalar) });
    }

    private bool Open(NodeEvent node, bool isMap, bool isFlow)
    {
        var start = node.Start;
        if (_open.TryPeek(out var parent) && parent.WantsKey)
            return End(start, "a key must be text: a list or a map can't be one");
        if (_open.Count == DeepestNesting)
            return End(start, $"nested deeper than {DeepestNesting} levels: a configuration needs no more than 6");
        _open.Push(new OpenNode(At(start), isMap, (int)start.Index, isFlow));
        return true;
    }

    private bool Close(ConfigNode node)
    {
        if (!_open.TryPeek(out var parent))
            _root = node;
        else if (parent.WantsKey)
            parent.BeginEntry(node.At, "", node.Span, keep: false);
        else
            parent.Add(node);
        return true;
    }

    private bool Count(in Mark start) =>
        ++_nodes <= MostNodes || End(start, $"more than {MostNodes} values: a configuration needs fewer");

    private bool End(in Mark start, string message)
    {
        _mistakes.Add(At(start), message);
        return false;
    }

    /// <summary>A block of text takes the line breaks behind it along, and a plain text the blanks.</summary>
    private Span SpanOf(ParsingEvent node)
    {
        var (start, end) = ((int)node.Start.Index, Math.Min((int)node.End.Index, _text.Length));
        while (end > start && char.IsWhiteSpace(_text[end - 1]))
            end--;
        return new(start, end);
    }

    private Position At(in Mark mark) => new((int)mark.Line, (int)mark.Column) { Source = _source };
}
