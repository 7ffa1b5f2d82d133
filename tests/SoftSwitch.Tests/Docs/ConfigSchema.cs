using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using SoftSwitch.Config;
using SoftSwitch.Config.Keys;
using SoftSwitch.Config.Rows;
using SoftSwitch.Kinds;
using SoftSwitch.Model;

namespace SoftSwitch.Tests.Docs;

/// <summary>
/// The language as JSON Schema (draft 2020-12), for editors: which keys there are, where, and what their values look like. What keys must
/// have in common (an address in its subnet, a port's network) only the program itself checks. What is not built is left out.
/// </summary>
internal static class ConfigSchema
{
    private const string Name = "^[a-z0-9][a-z0-9-]{0,14}$";

    private static readonly JsonSerializerOptions Options =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write()
    {
        var schema = Map(SwitchKeys.All, SwitchKeys.Blank);
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "A configuration of softswitch");
        return schema.ToJsonString(Options) + "\n";
    }

    private static JsonObject Map(IEnumerable<Row> rows, object? blank, params (Row Row, string Word)[] choices)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var row in rows.Where(row => row.IsBuilt || row.Shape == RowShape.MapOrOff))
        {
            properties.Add(row.Name, choices.FirstOrDefault(choice => choice.Row.Name == row.Name) is { Word: { } word }
                ? new JsonObject { ["const"] = word, ["description"] = Plain(row.Says) }
                : Value(row, blank));
            if (row.Need is not null)
                required.Add(row.Name);
        }
        var map = new JsonObject { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false };
        if (required.Count > 0)
            map.Add("required", required);
        return map;
    }

    private static JsonObject Value(Row row, object? blank)
    {
        var value = row.Shape switch
        {
            RowShape.Scalar => Scalar(row.Type!),
            RowShape.Scalars => new JsonObject { ["type"] = "array", ["items"] = Scalar(row.Type!) },
            RowShape.Map => Map(row.Rows, Inside(row, blank)),
            RowShape.MapOrOff when !row.IsBuilt => new JsonObject { ["const"] = "off" },
            RowShape.MapOrOff => new JsonObject
            {
                ["anyOf"] = new JsonArray(new JsonObject { ["const"] = "off" }, Map(row.Rows, Inside(row, blank))),
            },
            RowShape.Maps => new JsonObject { ["type"] = "array", ["items"] = Map(row.Rows, Inside(row, blank)) },
            RowShape.Names => Names(row),
            RowShape.Pairs => new JsonObject { ["type"] = "object", ["additionalProperties"] = Scalar(row.Type!) },
            _ => throw new NotSupportedException($"{row.Shape}"),
        };
        value.Insert(0, "description", Plain(row.Says));
        if (blank is not null && row.Default(blank) is { } text)
            value.Add("default", row.Type!.IsNumber ? int.Parse(text, CultureInfo.InvariantCulture) : text);
        return value;
    }

    private static object? Inside(Row row, object? blank) => blank is null ? null : row.Inside(blank);

    /// <summary>One of the modes or of the kinds, each with its own keys.</summary>
    private static JsonObject Names(Row row)
    {
        var each = row.Name == SwitchKeys.Networks.Name
            ? Enum.GetValues<NetworkMode>().Select(mode => Map(
                NetworkKeys.All.Where(key => key.IsFor(mode.Word())), NetworkKeys.Blank("", mode), (NetworkKeys.Mode, mode.Word())))
            : PortKinds.All.Where(kind => kind.IsBuilt).Select(kind => Map(PortKeys.Of(kind), kind.Blank(""), (PortKeys.Kind, kind.Word)));
        var names = new JsonObject
        {
            ["type"] = "object",
            ["propertyNames"] = new JsonObject { ["pattern"] = Name },
            ["additionalProperties"] = new JsonObject { ["oneOf"] = new JsonArray([.. each]) },
        };
        if (row.Need is not null)
            names.Add("minProperties", 1);
        return names;
    }

    private static JsonObject Scalar(ScalarType type)
    {
        if (type.Words.Count > 0)
            return new() { ["enum"] = new JsonArray([.. type.Words.Select(word => JsonValue.Create(word))]) };
        if (type.Bounds is { } bounds)
            return new() { ["type"] = "integer", ["minimum"] = bounds.Least, ["maximum"] = bounds.Most };
        // YAML takes digits without quotes for a number, and here they are text as well.
        var isText = !type.Takes("4711");
        return new() { ["type"] = isText ? "string" : new JsonArray("string", "integer"), ["$comment"] = type.Expected };
    }

    private static string Plain(string says) => says.Replace("`", "");
}
