using SoftSwitch.Config.Writing;

namespace SoftSwitch.Config.Rows;

/// <summary>A key with a list of maps of keys.</summary>
/// <param name="Title">What each map is, for messages.</param>
/// <param name="Keys">The keys of each.</param>
/// <param name="Example">A map as it may be written.</param>
/// <param name="Blank">What each map is about before its keys are read.</param>
/// <param name="Get">From the model.</param>
/// <param name="With">The model with them.</param>
internal sealed record MapListRow<TItem>(
    string Name, string Title, IReadOnlyList<Row> Keys, string Example, TItem Blank,
    Func<object, IReadOnlyList<TItem>> Get, Func<object, IReadOnlyList<TItem>, object> With, string Says)
    : Row(Name, Says) where TItem : class
{
    public override RowShape Shape => RowShape.Maps;

    public override IReadOnlyList<Row> Rows => Keys;

    protected override object ReadValue(Section section, object model, Places places)
    {
        List<Entry<TItem>> items = [];
        foreach (var item in section.InnerList(Name, Title, Example))
        {
            var within = new Places(item.At);
            items.Add(new(Keys.Read(item, Blank, within), within));
        }
        places.Put(this, items);
        return With(model, [.. items.Select(item => item.Model)]);
    }

    public override WrittenValue? Write(object model, object blank)
    {
        WrittenValue[] items = [.. Get(model).Select(item => Keys.Write(item, Blank))];
        return items.Length == 0 ? null : new WrittenList(items);
    }

    public override object Inside(object blank) => Blank;
}
