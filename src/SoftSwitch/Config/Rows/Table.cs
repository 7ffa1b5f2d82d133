using SoftSwitch.Model;

namespace SoftSwitch.Config.Rows;

/// <summary>Makes the rows of a table of keys.</summary>
/// <typeparam name="TModel">What the keys are about.</typeparam>
internal abstract class Table<TModel> where TModel : class
{
    /// <param name="name">The key.</param>
    /// <param name="type">The type of its value.</param>
    /// <param name="get">The value in the model; null: none.</param>
    /// <param name="with">The model with a value.</param>
    /// <param name="says">What it says, for the docs.</param>
    /// <param name="otherwise">The default, where it depends on other keys; else the default is what the blank model has.</param>
    protected static ScalarRow<T> Key<T>(
        string name, ScalarType<T> type, Func<TModel, T?> get, Func<TModel, T, TModel> with, string says,
        Func<TModel, T?>? otherwise = null)
        where T : struct =>
        new(name, type, model => get((TModel)model) is { } value ? type.Format(value) : null,
            (model, value) => with((TModel)model, value), says)
        {
            GetDefault = otherwise is null ? null : model => otherwise((TModel)model) is { } value ? type.Format(value) : null,
            PutDefault = otherwise is null ? null : model => otherwise((TModel)model) is { } value ? with((TModel)model, value) : model,
        };

    /// <inheritdoc cref="Key{T}(string, ScalarType{T}, Func{TModel, T?}, Func{TModel, T, TModel}, string, Func{TModel, T?})"/>
    protected static ScalarRow<T> Key<T>(
        string name, ScalarType<T> type, Func<TModel, T?> get, Func<TModel, T, TModel> with, string says,
        Func<TModel, T?>? otherwise = null)
        where T : class =>
        new(name, type, model => get((TModel)model) is { } value ? type.Format(value) : null,
            (model, value) => with((TModel)model, value), says)
        {
            GetDefault = otherwise is null ? null : model => otherwise((TModel)model) is { } value ? type.Format(value) : null,
            PutDefault = otherwise is null ? null : model => otherwise((TModel)model) is { } value ? with((TModel)model, value) : model,
        };

    protected static ScalarListRow<T> ListKey<T>(
        string name, ScalarType<T> type, string expected,
        Func<TModel, IEnumerable<T>> get, Func<TModel, ValueList<T>, TModel> with, string says) =>
        new(name, type, expected, model => get((TModel)model).Select(type.Format),
            (model, values) => with((TModel)model, [.. values]), says);

    protected static PairsRow<T> PairsKey<T>(
        string name, ScalarType<string> key, ScalarType<T> type, string example,
        Func<TModel, IEnumerable<(string Name, T Value)>> get, Func<TModel, IReadOnlyList<(string Name, T Value)>, TModel> with,
        string says) =>
        new(name, key, type, example, model => get((TModel)model), (model, pairs) => with((TModel)model, pairs), says);

    protected static MapRow MapKey<TPart>(
        string name, IReadOnlyList<Row> keys, string expected, Func<TModel, TPart> get, Func<TModel, TPart, TModel> with, string says)
        where TPart : class =>
        new(name, keys, expected, model => get((TModel)model), (model, part) => with((TModel)model, (TPart)part), says);

    protected static MapListRow<TItem> MapsKey<TItem>(
        string name, string title, IReadOnlyList<Row> keys, string example, TItem blank,
        Func<TModel, IReadOnlyList<TItem>> get, Func<TModel, ValueList<TItem>, TModel> with, string says) where TItem : class =>
        new(name, title, keys, example, blank, model => get((TModel)model), (model, items) => with((TModel)model, [.. items]), says);

    /// <summary>The keys of a part, to stand among those of the whole.</summary>
    protected static IEnumerable<Row> Part<TPart>(IReadOnlyList<Row> keys, Func<TModel, TPart> get, Func<TModel, TPart, TModel> with)
        where TPart : class =>
        keys.Select(key => new PartRow(key, model => get((TModel)model), (model, part) => with((TModel)model, (TPart)part)));
}
