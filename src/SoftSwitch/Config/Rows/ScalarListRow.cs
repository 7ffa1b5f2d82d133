using SoftSwitch.Config.Writing;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Text;

namespace SoftSwitch.Config.Rows;

/// <summary>A key with a list of scalars.</summary>
/// <param name="Of">The type of each.</param>
/// <param name="Expected">What to write in place of something that is no list.</param>
/// <param name="Get">From the model, as they are written.</param>
/// <param name="With">The model with the values.</param>
internal sealed record ScalarListRow<T>(
    string Name, ScalarType<T> Of, string Expected,
    Func<object, IEnumerable<string>> Get, Func<object, IReadOnlyList<T>, object> With, string Says)
    : Row(Name, Says)
{
    /// <summary>A list of nothing says nothing, and is a mistake.</summary>
    public bool IsNeverEmpty { get; init; }

    public override RowShape Shape => RowShape.Scalars;

    public override ScalarType Type => Of;

    protected override object ReadValue(Section section, object model, Places places)
    {
        List<Located<T>> values = [];
        var list = section.List(Name, Expected);
        if (IsNeverEmpty && list is { Items.Count: 0 })
            section.Complain(list.At, $"{Shown.Quote(Name)} is empty: write {Expected}");
        foreach (var node in list?.Items ?? [])
        {
            if (section.Read(Name, node, Of) is { } value)
                values.Add(value);
        }
        places.Put(this, values);
        return With(model, [.. values.Select(value => value.Value)]);
    }

    public override WrittenValue? Write(object model, object blank)
    {
        WrittenValue[] values = [.. Get(model).Select(text => new WrittenText(text, Of.IsNumber))];
        return values.Length == 0 ? null : new WrittenList(values);
    }
}
