using SoftSwitch.Config.Yaml;
using SoftSwitch.Text;

namespace SoftSwitch.Config.Rows;

/// <summary>
/// A map of the file being read key by key: each reading gives a value with its place, or reports the mistake and gives null,
/// so that reading goes on and all mistakes are found in one go.
/// </summary>
internal sealed class Section
{
    private readonly MistakeList _mistakes;
    private readonly Dictionary<string, MapEntry> _entries = [];
    private readonly IReadOnlyList<MapEntry> _inOrder;

    /// <param name="title">What the map is, for messages: <c>port 'vm1'</c>.</param>
    /// <param name="at">Where its name stands: the place of what is missing.</param>
    public Section(MapNode map, string title, Position at, MistakeList mistakes)
    {
        (_inOrder, Title, At, _mistakes) = (map.Entries, title, at, mistakes);
        foreach (var entry in map.Entries)
            _entries.Add(entry.Key, entry);
    }

    public string Title { get; }

    public Position At { get; }

    /// <summary>Gets what is wrong in it.</summary>
    public MistakeList Mistakes => _mistakes;

    public bool Has(string key) => _entries.ContainsKey(key);

    /// <summary>The key stands there with a slip, so nobody reports it as missing: <c>mode:nat</c> is one word to YAML, and a key without a
    /// value.</summary>
    private bool HasSlipOf(string key) =>
        _inOrder.Any(entry => entry.Value is TextNode { Text.Length: 0 } && KeySlip.KeyOf(entry.Key) == key);

    public Position KeyAt(string key) => _entries[key].At;

    public ConfigNode? Node(string key) => _entries.GetValueOrDefault(key)?.Value;

    /// <summary>Reports every key that is not among <paramref name="known"/>.</summary>
    /// <param name="elsewhere">Says why a key that exists is not one of these, or null where it exists nowhere.</param>
    public void RefuseOthers(IReadOnlyList<string> known, Func<string, string?>? elsewhere = null)
    {
        foreach (var entry in _inOrder)
        {
            if (known.Contains(entry.Key))
                continue;
            if (entry.Value is TextNode { Text.Length: 0 } && KeySlip.KeyOf(entry.Key) is { } meant && known.Contains(meant))
                _mistakes.Add(entry.At, KeySlip.Tell(entry.Key));
            else if (elsewhere?.Invoke(entry.Key) is { } reason)
                _mistakes.Add(entry.At, $"key {Shown.Quote(entry.Key)} {reason}");
            else if (NearestWord.To(entry.Key, known) is { } nearest)
            {
                // What stands below is read as what was meant: else one slip would make many messages.
                _entries.TryAdd(nearest, entry);
                _mistakes.Add(entry.At, $"unknown key {Shown.Quote(entry.Key)}: did you mean '{nearest}'?");
            }
            else
                _mistakes.Add(entry.At, $"unknown key {Shown.Quote(entry.Key)}: {Title} takes {string.Join(", ", known)}");
        }
    }

    /// <summary>Reports a key that is missing, and not only written wrongly; <paramref name="cure"/> is an example of what to
    /// write.</summary>
    public void Require(string key, string cure)
    {
        if (!Has(key) && !HasSlipOf(key))
            _mistakes.Add(At, $"{Title} has no '{key}': write {cure}");
    }

    public Located<T>? Value<T>(string key, ScalarType<T> type) => Node(key) is { } node ? Read(key, node, type) : null;

    public Located<T>? Read<T>(string what, ConfigNode node, ScalarType<T> type)
    {
        if (node is TextNode text)
        {
            if (type.Parse(text.Text, out var value))
                return new(value, node.At);
            _mistakes.Add(node.At, text.Text.Length == 0
                ? $"{Shown.Quote(what)} is empty: write {type.Expected}"
                : $"{Shown.Quote(what)}: {Refusal(text.Text, type)}");
        }
        else
            WrongShape(what, node, type.Expected);
        return null;
    }

    /// <summary>Why a text is not of a type.</summary>
    public static string Refusal(string text, ScalarType type) =>
        $"{Shown.Quote(text)} is not {type.Expected}{NearestWord.Question(text, type.Words)}"
            + (type.Cure?.Invoke(text) is { } cure ? $": write {cure}" : "");

    public void Complain(Position at, string message) => _mistakes.Add(at, message);

    /// <summary>Reports what is right and not available yet; told behind what is wrong at the same place.</summary>
    public void Postpone(Position at, string message) => _mistakes.Postpone(at, message);

    /// <summary>A map under a name that the user gave.</summary>
    public Section Named(MapNode map, string title, Position at) => new(map, title, at, _mistakes);

    /// <summary>The map under a key, to be read in turn; what is missing in it is reported at the key.</summary>
    public Section? Inner(string key, string expected) =>
        Map(key, expected) is { } map ? new(map, $"'{key}'", KeyAt(key), _mistakes) : null;

    /// <summary>The maps in the list under a key.</summary>
    public IEnumerable<Section> InnerList(string key, string title, string example)
    {
        foreach (var node in List(key, $"a list such as [{example}]")?.Items ?? [])
        {
            if (node is MapNode map)
                yield return new(map, title, map.At, _mistakes);
            else
                WrongShape(key, node, $"a map such as {example}");
        }
    }

    public MapNode? Map(string key, string expected) => Of<MapNode>(key, expected);

    public ListNode? List(string key, string expected) => Of<ListNode>(key, expected);

    private TNode? Of<TNode>(string key, string expected) where TNode : ConfigNode
    {
        var node = Node(key);
        if (node is not null and not TNode)
            WrongShape(key, node, expected);
        return node as TNode;
    }

    public void WrongShape(string what, ConfigNode node, string expected)
    {
        var shape = node switch
        {
            MapNode => "is a map",
            ListNode => "is a list",
            TextNode { Text.Length: 0 } => "is empty",
            TextNode text => $"is the text {Shown.Quote(text.Text)}",
            _ => null,
        };
        if (node is TextNode { Text: var slip } && KeySlip.KeyOf(slip) is not null)
            _mistakes.Add(node.At, KeySlip.Tell(slip));
        else if (shape is not null)
            _mistakes.Add(node.At, $"{Shown.Quote(what)} {shape}: write {expected}");
    }
}
