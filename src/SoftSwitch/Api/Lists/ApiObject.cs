using System.Text.Json;
using System.Text.Json.Nodes;

namespace SoftSwitch.Api.Lists;

/// <summary>
/// A kind of object of the API, said once: its members with name, type and sentence. From this come the JSON that the switch writes, the
/// JSON Schema in the description of the API, and what a client takes for an answer of its own version.
/// </summary>
/// <remarks>
/// Built when the program starts, read by any thread after that. A member is always there, unless its method says Optional; a member that
/// may be null is made by a method that ends with OrNull. Numbers are whole and not negative.
/// </remarks>
/// <param name="name">Such as Port.</param>
internal sealed class ApiObject<T>(string name) : IApiObject
{
    private readonly OrderedDictionary<string, ApiField<T>> _fields = [];
    private readonly List<IApiObject> _parts = [];

    public string Name => name;

    public IEnumerable<IApiObject> Parts => _parts;

    /// <param name="field">The member's name in JSON.</param>
    /// <param name="description">One sentence, which ends with a full stop.</param>
    /// <param name="get">Its value.</param>
    /// <param name="words">All that it can be; empty: any text.</param>
    /// <param name="format">The JSON Schema format it keeps to, such as ipv4.</param>
    public ApiObject<T> Text(
        string field, string description, Func<T, string> get, IReadOnlyList<string>? words = null, string? format = null) =>
        Add(field, true, (writer, item) => writer.WriteString(field, get(item)), IsText,
            () => MemberSchema.Of("string", description, format, words));

    public ApiObject<T> TextOrNull(string field, string description, Func<T, string?> get) =>
        Add(field, true, (writer, item) => writer.WriteString(field, get(item)),
            json => json.ValueKind == JsonValueKind.Null || IsText(json),
            () => MemberSchema.Of(new JsonArray("string", "null"), description));

    public ApiObject<T> OptionalText(string field, string description, Func<T, string?> get) =>
        Add(field, false, (writer, item) =>
        {
            if (get(item) is { } text)
                writer.WriteString(field, text);
        }, IsText, () => MemberSchema.Of("string", description));

    public ApiObject<T> Texts(string field, string description, Func<T, IReadOnlyList<string>> get) => Texts(field, true, description, get);

    public ApiObject<T> OptionalTexts(string field, string description, Func<T, IReadOnlyList<string>?> get) =>
        Texts(field, false, description, get);

    public ApiObject<T> Number(string field, string description, Func<T, long> get) =>
        Add(field, true, (writer, item) => writer.WriteNumber(field, get(item)), json => json.ValueKind == JsonValueKind.Number,
            () => MemberSchema.OfNumber(description));

    public ApiObject<T> OptionalNumber(string field, string description, Func<T, long?> get) =>
        Add(field, false, (writer, item) =>
        {
            if (get(item) is { } number)
                writer.WriteNumber(field, number);
        }, json => json.ValueKind == JsonValueKind.Number, () => MemberSchema.OfNumber(description));

    public ApiObject<T> Flag(string field, string description, Func<T, bool> get) =>
        Add(field, true, (writer, item) => writer.WriteBoolean(field, get(item)),
            json => json.ValueKind is JsonValueKind.True or JsonValueKind.False, () => MemberSchema.Of("boolean", description));

    /// <summary>RFC 3339.</summary>
    public ApiObject<T> Time(string field, string description, Func<T, DateTimeOffset> get) =>
        Add(field, true, (writer, item) => writer.WriteString(field, get(item)), IsText,
            () => MemberSchema.Of("string", description, "date-time"));

    /// <inheritdoc cref="Time"/>
    public ApiObject<T> OptionalTime(string field, string description, Func<T, DateTimeOffset?> get) =>
        Add(field, false, (writer, item) =>
        {
            if (get(item) is { } time)
                writer.WriteString(field, time);
        }, IsText, () => MemberSchema.Of("string", description, "date-time"));

    public ApiObject<T> Object<TPart>(string field, string description, ApiObject<TPart> part, Func<T, TPart> get) where TPart : class =>
        Object(field, true, description, part, get);

    public ApiObject<T> OptionalObject<TPart>(string field, string description, ApiObject<TPart> part, Func<T, TPart?> get)
        where TPart : class =>
        Object(field, false, description, part, get);

    public byte[] Json(T item)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
            Write(writer, item);
        return buffer.ToArray();
    }

    public void Write(Utf8JsonWriter writer, T item)
    {
        writer.WriteStartObject();
        foreach (var field in _fields.Values)
            field.Write(writer, item);
        writer.WriteEndObject();
    }

    public bool Fits(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
            return false;
        foreach (var member in json.EnumerateObject())
        {
            if (!_fields.TryGetValue(member.Name, out var field) || !field.Fits(member.Value))
                return false;
        }
        return _fields.Values.All(field => !field.IsRequired || json.TryGetProperty(field.Name, out _));
    }

    public JsonObject Schema() => new()
    {
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["required"] = new JsonArray([.. _fields.Values.Where(field => field.IsRequired).Select(field => JsonValue.Create(field.Name))]),
        ["properties"] = new JsonObject(_fields.Values.Select(field => KeyValuePair.Create(field.Name, (JsonNode?)field.Schema()))),
    };

    private ApiObject<T> Texts(string field, bool isRequired, string description, Func<T, IReadOnlyList<string>?> get) =>
        Add(field, isRequired, (writer, item) =>
        {
            if (get(item) is not { } texts)
                return;
            writer.WriteStartArray(field);
            foreach (var text in texts)
                writer.WriteStringValue(text);
            writer.WriteEndArray();
        }, json => json.ValueKind == JsonValueKind.Array && json.EnumerateArray().All(IsText), () => MemberSchema.OfTexts(description));

    private ApiObject<T> Object<TPart>(string field, bool isRequired, string description, ApiObject<TPart> part, Func<T, TPart?> get)
        where TPart : class
    {
        _parts.Add(part);
        return Add(field, isRequired, (writer, item) =>
        {
            if (get(item) is not { } value)
                return;
            writer.WritePropertyName(field);
            part.Write(writer, value);
        }, part.Fits, () => new() { ["$ref"] = $"#/components/schemas/{part.Name}", ["description"] = description });
    }

    private ApiObject<T> Add(
        string field, bool isRequired, Action<Utf8JsonWriter, T> write, Func<JsonElement, bool> fits, Func<JsonObject> schema)
    {
        _fields.Add(field, new(field, isRequired, write, fits, schema));
        return this;
    }

    private static bool IsText(JsonElement json) => json.ValueKind == JsonValueKind.String;
}
