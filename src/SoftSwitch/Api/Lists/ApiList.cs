using System.Text.Json;
using SoftSwitch.Cli.Tables;
using SoftSwitch.State;

namespace SoftSwitch.Api.Lists;

/// <summary>
/// A list of the API, said once: its items, its filters, its columns. From this come its route, its part of the description of the API,
/// `show NAME` with help, options and completion, and its pages.
/// </summary>
/// <param name="Name">Its name under /v1 and behind `show`, such as ports.</param>
/// <param name="Members">What its items are.</param>
internal sealed record ApiList<T>(string Name, ApiObject<T> Members) : IApiList
{
    public required string Summary { get; init; }

    public required string Help { get; init; }

    public required string Empty { get; init; }

    public required IReadOnlyList<string> Examples { get; init; }

    /// <summary>All items, in any order; null: there may be too many, so the list comes in <see cref="Pieces"/>.</summary>
    public Func<SwitchSnapshot, IEnumerable<T>>? Items { get; init; }

    /// <summary>The key of an item: items are ordered by it (ordinal), and found again by it. No two have the same.</summary>
    public Func<T, string>? Key { get; init; }

    /// <summary>Finds a page itself: a list in pieces never looks at everything to show a part.</summary>
    public Func<SwitchSnapshot, ListQuery, ListPage<T>>? Pieces { get; init; }

    public IReadOnlyList<ItemFilter<T>> Filters { get; init; } = [];

    IReadOnlyList<ListFilter> IApiList.Filters => [.. Filters.Select(filter => filter.Filter)];

    public bool HasHosts { get; init; }

    public required TableLayout Table { get; init; }

    public IApiObject Item => Members;

    public byte[] Answer(SwitchSnapshot snapshot, IQueryCollection parameters)
    {
        var query = ListQuery.Read(parameters, [.. Filters.Select(filter => filter.Filter.Name)]);
        foreach (var (filter, _) in Filters)
        {
            if (query[filter.Name] is { } value && filter.Mistake(snapshot, value) is var (status, detail))
                throw new ProblemException(status, detail);
        }
        var page = Page(snapshot, query);
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("items");
            foreach (var item in page.Items)
                Members.Write(writer, item);
            writer.WriteEndArray();
            writer.WriteString("next", page.Next);
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private ListPage<T> Page(SwitchSnapshot snapshot, ListQuery query)
    {
        if (Pieces is not null)
            return Pieces(snapshot, query);
        var asked = Items!(snapshot).Where(item => Filters.All(filter => query.Allows(filter.Filter.Name, filter.Of!(item))));
        return Paging.Page(asked, Key!, query);
    }
}
