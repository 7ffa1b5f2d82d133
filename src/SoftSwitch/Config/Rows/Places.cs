using SoftSwitch.Config.Yaml;
using SoftSwitch.Model;

namespace SoftSwitch.Config.Rows;

/// <summary>
/// What the user wrote of a model and where, key by key as the file nests. It stands beside the model: so a model knows no places, and the
/// checks can still tell where a mistake stands and what was left out.
/// </summary>
/// <param name="at">Where the name of the map stands, or the map itself where it has none.</param>
internal sealed class Places(Position at)
{
    private readonly Dictionary<string, (Position Key, object? Read)> _keys = [];
    private Places? _none;

    public Position At => at;

    /// <summary>The key stands there, right or wrong.</summary>
    public bool Has(Row row) => _keys.ContainsKey(row.Name);

    public Position KeyAt(Row row) => _keys[row.Name].Key;

    /// <summary>The value; null where it was left out or refused.</summary>
    public Located<T>? Of<T>(ScalarRow<T> row) => Read(row) as Located<T>;

    public IReadOnlyList<Located<T>> Of<T>(ScalarListRow<T> row) => Read(row) as List<Located<T>> ?? [];

    public IReadOnlyList<Located<(string Name, T Value)>> Of<T>(PairsRow<T> row) => Read(row) as List<Located<(string, T)>> ?? [];

    public IReadOnlyList<Entry<T>> Of<T>(MapListRow<T> row) where T : class => Read(row) as List<Entry<T>> ?? [];

    public IReadOnlyList<Entry<T>> Of<T>(NamedRow<T> row) where T : NamedModel => Read(row) as List<Entry<T>> ?? [];

    /// <summary>The places in the map under a key; none where there is no such map.</summary>
    public Places In(MapRow row) => Read(row) as Places ?? (_none ??= new(at));

    public void Stands(Row row, Position key) => _keys[row.Name] = (key, null);

    public void Put(Row row, object read) => _keys[row.Name] = (_keys[row.Name].Key, read);

    private object? Read(Row row) => _keys.GetValueOrDefault(row.Name).Read;
}
