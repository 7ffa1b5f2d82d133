using System.Globalization;
using System.Text.Json.Nodes;

namespace SoftSwitch.Config.Rows;

/// <summary>Keys as JSON Schema (draft 2020-12): what their values look like. What isn't built is left out.</summary>
internal static class RowSchema
{
    /// <param name="rows">The keys of a map.</param>
    /// <param name="blank">A model of which the file says nothing, for the defaults; null: they aren't told.</param>
    /// <param name="names">Makes the schema of maps of names.</param>
    /// <param name="choices">Keys that can only have one word.</param>
    public static JsonObject Map(
        IEnumerable<Row> rows, object? blank, Func<Row, JsonObject>? names = null, params IReadOnlyList<(Row Row, string Word)> choices)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var row in rows.Where(row => row.IsBuilt || row.Shape == RowShape.MapOrOff))
        {
            properties.Add(row.Name, choices.FirstOrDefault(choice => choice.Row.Name == row.Name) is { Word: { } word }
                ? new JsonObject { ["type"] = "string", ["const"] = word, ["description"] = Plain(row.Says) }
                : Value(row, blank, names));
            if (row.Need is not null)
                required.Add((JsonNode)row.Name);
        }
        var map = new JsonObject { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false };
        if (required.Count > 0)
            map.Add("required", required);
        return map;
    }

    /// <summary>Of one key.</summary>
    public static JsonObject Value(Row row, object? blank, Func<Row, JsonObject>? names = null)
    {
        var value = row.Shape switch
        {
            RowShape.Scalar => Scalar(row.Type!),
            RowShape.Scalars => new JsonObject { ["type"] = "array", ["items"] = Scalar(row.Type!) },
            RowShape.Map => Map(row.Rows, Inside(row, blank)),
            RowShape.MapOrOff when !row.IsBuilt => new JsonObject { ["type"] = "string", ["const"] = "off" },
            RowShape.MapOrOff => new JsonObject
            {
                ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "string", ["const"] = "off" }, Map(row.Rows, Inside(row, blank))),
            },
            RowShape.Maps => new JsonObject { ["type"] = "array", ["items"] = Map(row.Rows, Inside(row, blank)) },
            RowShape.Names => names!(row),
            RowShape.Pairs => new JsonObject { ["type"] = "object", ["additionalProperties"] = Scalar(row.Type!) },
            _ => throw new NotSupportedException($"{row.Shape}"),
        };
        value.Insert(0, "description", Plain(row.Says));
        if (blank is not null && row.Default(blank) is { } text)
            value.Add("default", row.Type!.IsNumber ? int.Parse(text, CultureInfo.InvariantCulture) : text);
        return value;
    }

    private static object? Inside(Row row, object? blank) => blank is null ? null : row.Inside(blank);

    private static JsonObject Scalar(ScalarType type)
    {
        if (type.Words.Count > 0)
            return new() { ["type"] = "string", ["enum"] = new JsonArray([.. type.Words.Select(word => JsonValue.Create(word))]) };
        if (type.Bounds is { } bounds)
            return new() { ["type"] = "integer", ["minimum"] = bounds.Least, ["maximum"] = bounds.Most };
        // YAML takes digits without quotes for a number, and here they are text as well.
        var isText = !type.Takes("4711");
        return new() { ["type"] = isText ? "string" : new JsonArray("string", "integer"), ["$comment"] = type.Expected };
    }

    private static string Plain(string says) => says.Replace("`", "", StringComparison.Ordinal);
}
