using SoftSwitch.Config.Writing;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Text;

namespace SoftSwitch.Config.Rows;

/// <summary>A key with a map of names that the user gives, each with a map of keys: <c>networks</c> and <c>ports</c>.</summary>
/// <param name="Noun">What each of them is, in a word.</param>
/// <param name="Example">A name with its map as they may be written.</param>
/// <param name="Keys">All keys that one of them may have.</param>
/// <param name="Reader">Given the model so far, reads one of them.</param>
/// <param name="Writer">Given the model, writes one of them and gives its name.</param>
/// <param name="Get">From the model.</param>
/// <param name="With">The model with them.</param>
internal sealed record NamedRow<TItem>(
    string Name, string Noun, string Example, IReadOnlyList<Row> Keys,
    Func<object, Func<Section, Places, string, TItem>> Reader, Func<object, Func<TItem, WrittenKey>> Writer,
    Func<object, IEnumerable<TItem>> Get, Func<object, IReadOnlyList<TItem>, object> With, string Says)
    : Row(Name, Says) where TItem : class
{
    public override RowShape Shape => RowShape.Names;

    public override IReadOnlyList<Row> Rows => Keys;

    protected override object ReadValue(Section section, object model, Places places)
    {
        List<Entry<TItem>> items = [];
        if (section.Map(Name, $"a map of {Name}, such as {Example}") is { } all)
        {
            if (all.Entries.Count == 0 && Need is not null)
                section.Complain(all.At, $"'{Name}' is empty: write a {Noun}, such as {Example}");
            var read = Reader(model);
            foreach (var (at, name, value) in all.Entries)
            {
                if (!Scalars.Name.Parse(name, out _))
                    section.Complain(at, $"{Shown.Quote(name)} is not {Scalars.Name.Expected}");
                if (value is not MapNode map)
                {
                    section.WrongShape(name, value, $"a map, such as {Example}");
                    continue;
                }
                var within = new Places(at);
                items.Add(new(read(section.Named(map, $"{Noun} {Shown.Quote(name)}", at), within, name), within));
            }
        }
        places.Put(this, items);
        return With(model, [.. items.Select(item => item.Model)]);
    }

    public override WrittenValue Write(object model, object blank) => new WrittenMap([.. Get(model).Select(Writer(model))]);
}
