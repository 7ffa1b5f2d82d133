using SoftSwitch.Config.Writing;

namespace SoftSwitch.Config.Rows;

/// <summary>
/// A key that stands among the keys of a whole and is about a part of it: <c>flows</c> of a network, about its translation.
/// </summary>
/// <param name="Key">The key of the part.</param>
/// <param name="Part">The part of the whole.</param>
/// <param name="With">The whole with the part.</param>
internal sealed record PartRow(Row Key, Func<object, object> Part, Func<object, object, object> With) : Row(Key)
{
    public override RowShape Shape => Key.Shape;

    public override ScalarType? Type => Key.Type;

    public override IReadOnlyList<Row> Rows => Key.Rows;

    public override bool IsBuilt => Key.IsBuilt;

    protected override object ReadValue(Section section, object model, Places places) =>
        With(model, Key.Read(section, Part(model), places));

    public override object Fill(object model, Places places) => With(model, Key.Fill(Part(model), places));

    public override WrittenValue? Write(object model, object blank) =>
        (Key with { IsAlwaysWritten = IsAlwaysWritten }).Write(Part(model), Part(blank));

    public override string? Default(object blank) => Key.Default(Part(blank));

    public override object? Inside(object blank) => Key.Inside(Part(blank));
}
