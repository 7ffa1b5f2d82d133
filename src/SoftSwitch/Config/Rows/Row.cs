using SoftSwitch.Config.Writing;

namespace SoftSwitch.Config.Rows;

// The language is a table: a row for each key, which says what the key is called, where it may stand, what type its value has, where
// the value goes in the model and where it comes from. Whatever handles keys walks over rows: the reader (file to model), the writers
// (model to file and JSON), the JSON Schema and the table in the docs. The tables are SwitchKeys, those in Config/Keys, and those of ports
// in Kinds.
//
// A model starts as its kind's or mode's blank one, whose properties are the defaults, and each row that the file has a value for
// puts it in. A default that hangs on other keys is put in at the end. The table of keys knows a model only as an object: one list
// holds rows of a port, of an interface and of a tap, and each casts to what it is about.

/// <summary>One key of the language.</summary>
/// <param name="Name">As it is written.</param>
/// <param name="Says">What it says, for the docs.</param>
internal abstract record Row(string Name, string Says)
{
    /// <summary>The words of the modes or kinds that take it; empty: all do.</summary>
    public IReadOnlyList<string> Where { get; init; } = [];

    /// <summary>An example of what to write where it is missing; null: it may be left out.</summary>
    public string? Need { get; init; }

    /// <summary>It is written also where it says the default.</summary>
    public bool IsAlwaysWritten { get; init; }

    /// <summary>What holds when it is left out, for the docs, where <see cref="Default"/> can't tell.</summary>
    public string? Otherwise { get; init; }

    /// <summary>What a value may look like, for the docs and the schema.</summary>
    public abstract RowShape Shape { get; }

    /// <summary>The type of its value or of each value in its list; null where there are maps.</summary>
    public virtual ScalarType? Type => null;

    /// <summary>What stands before each scalar of its map, for the docs.</summary>
    public virtual string NamesOfPairs => "names";

    /// <summary>The keys in its map or in each map of its list.</summary>
    public virtual IReadOnlyList<Row> Rows => [];

    /// <summary>False: it is read and checked, and any value but <c>off</c> is refused: it isn't available yet.</summary>
    public virtual bool IsBuilt => true;

    public bool IsFor(string word) => Where.Count == 0 || Where.Contains(word);

    /// <summary>Puts the value in, where it stands in the file and is right; what is wrong is told.</summary>
    /// <returns>The model with it.</returns>
    public object Read(Section section, object model, Places places)
    {
        if (!section.Has(Name))
            return model;
        places.Stands(this, section.KeyAt(Name));
        return ReadValue(section, model, places);
    }

    protected abstract object ReadValue(Section section, object model, Places places);

    /// <summary>Puts in the default, where the file has no value and the default depends on other keys.</summary>
    public virtual object Fill(object model, Places places) => model;

    /// <summary>Writes it; null where it is left out, for it says the default.</summary>
    /// <param name="model">What is written.</param>
    /// <param name="blank">A model of which the file says nothing.</param>
    public abstract WrittenValue? Write(object model, object blank);

    /// <summary>The value that holds when it is left out; null: none, or <see cref="Otherwise"/> says it.</summary>
    public virtual string? Default(object blank) => null;

    /// <summary>The model that the keys in its map are about, with its defaults; null: they aren't about one model, or there are
    /// none.</summary>
    public virtual object? Inside(object blank) => null;
}
