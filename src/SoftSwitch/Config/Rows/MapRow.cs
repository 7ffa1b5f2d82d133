using SoftSwitch.Config.Writing;
using SoftSwitch.Config.Yaml;

namespace SoftSwitch.Config.Rows;

/// <summary>A key with a map of keys.</summary>
/// <param name="Keys">The keys in it.</param>
/// <param name="Expected">What to write in place of something that is no map.</param>
/// <param name="Get">What the map is about, from the model.</param>
/// <param name="With">The model with it.</param>
internal sealed record MapRow(
    string Name, IReadOnlyList<Row> Keys, string Expected, Func<object, object> Get, Func<object, object, object> With, string Says)
    : Row(Name, Says)
{
    /// <summary>The model without it, where the word <c>off</c> says so; null: that word isn't taken.</summary>
    public Func<object, object>? Off { get; init; }

    /// <summary>A model is without it. Where that is so by default, a map without keys says as much as one with some: it is
    /// written.</summary>
    public Func<object, bool>? IsOff { get; init; }

    public override RowShape Shape => Off is null ? RowShape.Map : RowShape.MapOrOff;

    public override IReadOnlyList<Row> Rows => Keys;

    protected override object ReadValue(Section section, object model, Places places)
    {
        if (Off is not null && section.Node(Name) is TextNode { Text: "off" })
            return Off(model);
        if (section.Inner(Name, Expected) is not { } inner)
            return model;
        var within = new Places(inner.At);
        places.Put(this, within);
        return With(model, Keys.Read(inner, Get(model), within));
    }

    public override object Fill(object model, Places places)
    {
        var (inner, within) = (Get(model), places.In(this));
        var filled = Keys.Aggregate(inner, (filled, row) => row.Fill(filled, within));
        return ReferenceEquals(filled, inner) ? model : With(model, filled);
    }

    public override WrittenValue? Write(object model, object blank)
    {
        var isOffBlank = IsOff?.Invoke(blank) == true;
        if (IsOff?.Invoke(model) == true)
            return isOffBlank ? null : new WrittenText("off");
        var map = Keys.Write(Get(model), Get(blank));
        return map is { Keys.Count: > 0 } || isOffBlank ? map : null;
    }

    public override object Inside(object blank) => Get(blank);
}
