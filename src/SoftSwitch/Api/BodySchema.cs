using System.Text.Json.Nodes;

namespace SoftSwitch.Api;

/// <summary>
/// Schemas of the file as those of a request's body: clients are made of them, in languages where a value has one type. What YAML takes
/// for a number, such as <c>comment: 4711</c>, is a text in JSON.
/// </summary>
internal static class BodySchema
{
    private const string AnyOf = "anyOf", Properties = "properties", Others = "additionalProperties", Required = "required";
    private const string Type = "type", Enum = "enum", Text = "string", Null = "null";

    /// <summary>With one type for each value.</summary>
    public static JsonObject Of(JsonObject schema)
    {
        if (schema[Type] is JsonArray)
            schema[Type] = Text;
        foreach (var part in schema.Select(entry => entry.Value).SelectMany(value => value as IEnumerable<JsonNode?> ?? [value]))
        {
            if (part is JsonObject inner)
                Of(inner);
        }
        return schema;
    }

    /// <summary>Of a patch (RFC 7396): what is in a map may be left out, or be null and is left out again.</summary>
    public static JsonObject Patch(JsonObject schema)
    {
        schema.Remove(Required);
        foreach (var choice in (schema[AnyOf] as JsonArray ?? []).OfType<JsonObject>())
            Patch(choice);
        if (schema[Properties] is JsonObject keys)
        {
            foreach (var (key, value) in keys.ToList())
            {
                keys.Remove(key);
                keys[key] = OrNull(Patch((JsonObject)value!));
            }
        }
        if (schema[Others] is JsonObject others)
        {
            schema.Remove(Others);
            schema[Others] = OrNull(others);
        }
        return schema;
    }

    /// <summary>What may be null as well: left out again.</summary>
    public static JsonObject OrNull(JsonObject schema)
    {
        if ((string?)schema[Type] is not { } type)
            return new() { [AnyOf] = new JsonArray(schema, new JsonObject { [Type] = Null }) };
        schema[Type] = new JsonArray(type, Null);
        (schema[Enum] as JsonArray)?.Add(null);
        return schema;
    }
}
