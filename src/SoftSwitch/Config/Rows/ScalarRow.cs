using SoftSwitch.Config.Writing;
using SoftSwitch.Config.Yaml;

namespace SoftSwitch.Config.Rows;

/// <summary>A key with one scalar.</summary>
/// <param name="Of">The type of the value.</param>
/// <param name="Get">From the model, as it is written; null: it has none.</param>
/// <param name="With">The model with a value.</param>
internal sealed record ScalarRow<T>(string Name, ScalarType<T> Of, Func<object, string?> Get, Func<object, T, object> With, string Says)
    : Row(Name, Says)
{
    /// <summary>Puts in the default that depends on other keys, or leaves the model as it is.</summary>
    public Func<object, object>? PutDefault { get; init; }

    /// <summary>That default as it is written; null: none.</summary>
    public Func<object, string?>? GetDefault { get; init; }

    /// <summary>Given the text as it was written, says why that isn't available yet; null: it is.</summary>
    public Func<string, string?>? NotYet { get; init; }

    public override RowShape Shape => RowShape.Scalar;

    public override ScalarType Type => Of;

    public override bool IsBuilt => NotYet?.Invoke("") is null;

    protected override object ReadValue(Section section, object model, Places places)
    {
        if (section.Value(Name, Of) is not { } read)
            return model;
        places.Put(this, read);
        if (NotYet?.Invoke(((TextNode)section.Node(Name)!).Text) is { } reason)
            section.Postpone(read.At, reason);
        return With(model, read.Value);
    }

    public override object Fill(object model, Places places) =>
        PutDefault is null || places.Of(this) is not null ? model : PutDefault(model);

    public override WrittenValue? Write(object model, object blank)
    {
        var text = Get(model);
        return text is null || (!IsAlwaysWritten && Need is null && text == (GetDefault is null ? Get(blank) : GetDefault(model)))
            ? null : new WrittenText(text, Of.IsNumber);
    }

    public override string? Default(object blank) => Need is null && Otherwise is null ? Get(blank) : null;
}
