using SoftSwitch.Config.Writing;
using SoftSwitch.Text;

namespace SoftSwitch.Config.Rows;

/// <summary>Reads and writes a map by the rows of its keys.</summary>
internal static class RowList
{
    /// <summary>Reports keys that aren't among the rows or that are missing, and reads the rest.</summary>
    /// <param name="rows">The keys that the map takes.</param>
    /// <param name="section">The map.</param>
    /// <param name="model">What it is about, with its defaults.</param>
    /// <param name="places">Gets what is read and where it stands.</param>
    /// <param name="choice">The key by which the rows were chosen, such as mode; it is read already. Null: there is none.</param>
    /// <param name="elsewhere">Says why a key that exists is not one of these, or null where it exists nowhere.</param>
    public static T Read<T>(
        this IReadOnlyList<Row> rows, Section section, T model, Places places, Row? choice = null, Func<string, string?>? elsewhere = null)
        where T : class
    {
        // Those that all have are named first.
        section.RefuseOthers([.. rows.OrderBy(row => row.Where.Count > 0).Select(row => row.Name)], elsewhere);
        foreach (var row in rows.Where(row => row.Need is not null))
            section.Require(row.Name, row.Need!);
        var read = rows.Where(row => row.Name != choice?.Name)
            .Aggregate((object)model, (soFar, row) => row.Read(section, soFar, places));
        return (T)rows.Aggregate(read, (soFar, row) => row.Fill(soFar, places));
    }

    /// <summary>Why a key is not one of a mode or kind; null where none has it.</summary>
    public static string? Elsewhere(this IReadOnlyList<Row> rows, string what, string word, string key) =>
        rows.FirstOrDefault(row => row.Name == key) is { Where.Count: > 0 } row
            ? $"is not for {what} {word}, only for {Shown.Or(row.Where)}: leave it out" : null;

    /// <summary>The keys that don't say their defaults.</summary>
    public static WrittenMap Write(this IReadOnlyList<Row> rows, object model, object blank) =>
        WrittenMap.Of([.. rows.Select(row => new WrittenKey(row.Name, row.Write(model, blank)))]);
}
