namespace SoftSwitch.Config.Yaml;

/// <summary>A map or list whose end has not been read yet. In a map, keys and values take turns.</summary>
/// <param name="at">Where it begins.</param>
/// <param name="isMap">Else it is a list.</param>
/// <param name="start">The same in the text.</param>
/// <param name="isFlow">It is written in braces or brackets.</param>
internal sealed class OpenNode(Position at, bool isMap, int start, bool isFlow)
{
    private readonly List<ConfigNode> _items = [];
    private readonly List<MapEntry> _entries = [];
    private string? _key;
    private bool _keep;
    private Span _keySpan;
    private int _end;

    public bool IsMap => isMap;

    /// <summary>Where each kept key stands.</summary>
    public Dictionary<string, Position> Keys { get; } = [];

    public Position KeyAt { get; private set; }

    public bool WantsKey => isMap && _key is null;

    /// <param name="span">Where the key stands in the text.</param>
    /// <param name="keep">False: the key is refused, its value is read and forgotten.</param>
    public void BeginEntry(Position keyAt, string key, Span span, bool keep) =>
        (KeyAt, _key, _keySpan, _keep) = (keyAt, key, span, keep);

    public void Add(ConfigNode value)
    {
        if (!isMap)
            _items.Add(value);
        else if (_keep)
            _entries.Add(new(KeyAt, _key!, value) { KeySpan = _keySpan });
        _end = Math.Max(_end, Math.Max(value.Span.End, isMap ? _keySpan.End : 0));
        _key = null;
    }

    /// <param name="end">Behind its brace or bracket; without them it ends with what is last in it.</param>
    public ConfigNode ToNode(int end)
    {
        var span = new Span(start, isFlow ? end : Math.Max(start, _end));
        return isMap ? new MapNode(at, _entries) { Span = span, IsFlow = isFlow }
            : new ListNode(at, _items) { Span = span, IsFlow = isFlow };
    }
}
