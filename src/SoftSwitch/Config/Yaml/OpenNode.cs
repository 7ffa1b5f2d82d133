namespace SoftSwitch.Config.Yaml;

/// <summary>A map or list whose end has not been read yet. In a map, keys and values take turns.</summary>
internal sealed class OpenNode(Position at, bool isMap)
{
    private readonly List<ConfigNode> _items = [];
    private readonly List<MapEntry> _entries = [];
    private string? _key;
    private bool _keep;

    public bool IsMap => isMap;

    /// <summary>Where each kept key stands.</summary>
    public Dictionary<string, Position> Keys { get; } = [];

    public Position KeyAt { get; private set; }

    public bool WantsKey => isMap && _key is null;

    /// <param name="keep">False: the key is refused, its value is read and forgotten.</param>
    public void BeginEntry(Position keyAt, string key, bool keep) => (KeyAt, _key, _keep) = (keyAt, key, keep);

    public void Add(ConfigNode value)
    {
        if (!isMap)
            _items.Add(value);
        else if (_keep)
            _entries.Add(new(KeyAt, _key!, value));
        _key = null;
    }

    public ConfigNode ToNode() => isMap ? new MapNode(at, _entries) : new ListNode(at, _items);
}
