using System.Text.Json.Nodes;

namespace SoftSwitch.Api.Lists;

/// <summary>The JSON Schema of one member of an object.</summary>
internal static class MemberSchema
{
    public static JsonObject Of(JsonNode type, string description, string? format = null, IReadOnlyList<string>? words = null)
    {
        var schema = new JsonObject { ["type"] = type, ["description"] = description };
        if (format is not null)
            schema["format"] = format;
        if (words is not null)
            schema["enum"] = new JsonArray([.. words.Select(word => JsonValue.Create(word))]);
        return schema;
    }

    /// <summary>Whole and not negative.</summary>
    public static JsonObject OfNumber(string description)
    {
        var schema = Of("integer", description, "int64");
        schema["minimum"] = 0;
        return schema;
    }

    public static JsonObject OfTexts(string description)
    {
        var schema = Of("array", description);
        schema["items"] = new JsonObject { ["type"] = "string" };
        return schema;
    }
}
