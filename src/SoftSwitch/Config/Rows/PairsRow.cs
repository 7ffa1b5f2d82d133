using SoftSwitch.Config.Writing;
using SoftSwitch.Config.Yaml;

namespace SoftSwitch.Config.Rows;

/// <summary>A key with a map of names that the user gives, or of numbers, each with a scalar.</summary>
/// <param name="Key">The type of the names.</param>
/// <param name="Of">The type of the scalars.</param>
/// <param name="Example">A map as it may be written.</param>
/// <param name="Get">From the model.</param>
/// <param name="With">The model with them.</param>
internal sealed record PairsRow<T>(
    string Name, ScalarType<string> Key, ScalarType<T> Of, string Example,
    Func<object, IEnumerable<(string Name, T Value)>> Get, Func<object, IReadOnlyList<(string Name, T Value)>, object> With, string Says)
    : Row(Name, Says)
{
    /// <summary>What the names are, for the docs.</summary>
    public string Names { get; init; } = "names";

    public override RowShape Shape => RowShape.Pairs;

    public override string NamesOfPairs => Names;

    public override ScalarType Type => Of;

    protected override object ReadValue(Section section, object model, Places places)
    {
        List<Located<(string Name, T Value)>> pairs = [];
        foreach (var (at, name, value) in section.Map(Name, $"a map such as {Example}")?.Entries ?? [])
        {
            var isName = Key.Parse(name, out var key);
            if (!isName)
                section.Complain(at, Section.Refusal(name, Key));
            if (section.Read(name, value, Of) is { } read && isName)
                pairs.Add(new((key, read.Value), at));
        }
        places.Put(this, pairs);
        return With(model, [.. pairs.Select(pair => pair.Value)]);
    }

    public override WrittenValue? Write(object model, object blank)
    {
        WrittenKey[] pairs = [.. Get(model).Select(pair => new WrittenKey(pair.Name, new WrittenText(Of.Format(pair.Value), Of.IsNumber)))];
        return pairs.Length == 0 ? null : new WrittenMap(pairs);
    }
}
