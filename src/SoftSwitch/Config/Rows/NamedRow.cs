using System.Runtime.CompilerServices;
using SoftSwitch.Config.Writing;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Model;
using SoftSwitch.Text;

namespace SoftSwitch.Config.Rows;

/// <summary>A key with a map of names that the user gives, each with a map of keys: <c>networks</c> and <c>ports</c>.</summary>
/// <param name="Noun">What each of them is, in a word.</param>
/// <param name="Example">A name with its map as they may be written.</param>
/// <param name="Keys">All keys that one of them may have.</param>
/// <param name="Reader">Reads one of them, by its own map alone.</param>
/// <param name="Filler">Given the model so far, gives what puts in the defaults that hang on it. One that has them stays the object that it
/// is.</param>
/// <param name="Writer">Given the model, writes one of them and gives its name.</param>
/// <param name="Get">From the model.</param>
/// <param name="With">The model with them.</param>
internal sealed record NamedRow<TItem>(
    string Name, string Noun, string Example, IReadOnlyList<Row> Keys,
    Func<Section, Places, string, TItem> Reader, Func<object, Func<Entry<TItem>, TItem>> Filler,
    Func<object, Func<TItem, WrittenKey>> Writer,
    Func<object, IEnumerable<TItem>> Get, Func<object, IReadOnlyList<TItem>, object> With, string Says)
    : Row(Name, Says) where TItem : NamedModel
{
    /// <summary>What maps without a mistake say, as long as these are there: a configuration that is changed a little is compiled anew with
    /// all maps of the one before but a few.</summary>
    private readonly ConditionalWeakTable<MapNode, Entry<TItem>> _read = [];

    /// <summary>Holds one of them against itself alone.</summary>
    public Action<Entry<TItem>, MistakeList> Check { get; init; } = static (_, _) => { };

    public override RowShape Shape => RowShape.Names;

    public override IReadOnlyList<Row> Rows => Keys;

    protected override object ReadValue(Section section, object model, Places places)
    {
        List<Entry<TItem>> items = [];
        if (section.Map(Name, $"a map of {Name}, such as {Example}") is { } all)
        {
            if (all.Entries.Count == 0 && Need is not null)
                section.Complain(all.At, $"'{Name}' is empty: write a {Noun}, such as {Example}");
            var fill = Filler(model);
            foreach (var (at, name, value) in all.Entries)
            {
                if (value is MapNode map)
                {
                    items.Add(EntryOf(section, map, name, at, fill));
                    continue;
                }
                CheckName(section, name, at);
                section.WrongShape(name, value, $"a map, such as {Example}");
            }
        }
        places.Put(this, items);
        return With(model, [.. items.Select(item => item.Model)]);
    }

    public override WrittenValue Write(object model, object blank) => new WrittenMap([.. Get(model).Select(Writer(model))]);

    private static void CheckName(Section section, string name, Position at)
    {
        if (!Scalars.Name.Parse(name, out _))
            section.Complain(at, $"{Shown.Quote(name)} is not {Scalars.Name.Expected}");
    }

    private Entry<TItem> EntryOf(Section section, MapNode map, string name, Position at, Func<Entry<TItem>, TItem> fill)
    {
        var mistakes = section.Mistakes.Count;
        var isRead = _read.TryGetValue(map, out var entry) && entry.Places.At == at && entry.Model.Name == name;
        if (!isRead)
            entry = Read(section, map, name, at);
        var filled = fill(entry!);
        if (isRead && ReferenceEquals(filled, entry!.Model))
            return entry;
        entry = entry! with { Model = filled };
        if (section.Mistakes.Count == mistakes)
            _read.AddOrUpdate(map, entry);
        return entry;
    }

    private Entry<TItem> Read(Section section, MapNode map, string name, Position at)
    {
        CheckName(section, name, at);
        var within = new Places(at);
        var entry = new Entry<TItem>(Reader(section.Named(map, $"{Noun} {Shown.Quote(name)}", at), within, name), within);
        Check(entry, section.Mistakes);
        return entry;
    }
}
