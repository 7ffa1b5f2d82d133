using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using SoftSwitch.Api.Events;
using SoftSwitch.Api.Lists;
using SoftSwitch.Api.Views;
using SoftSwitch.Bounds;

namespace SoftSwitch.Api;

/// <summary>The description of the API (OpenAPI 3.1), made of what it describes.</summary>
internal static class OpenApiDocument
{
    private static readonly JsonSerializerOptions s_options =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>All of it.</summary>
    public static byte[] Of(IReadOnlyList<IApiList> lists)
    {
        var paths = new JsonObject { ["/v1/status"] = Alone("getStatus", "The process, and whether it is ready.", Reference("Status")) };
        var schemas = new JsonObject();
        Add(schemas, StatusView.Members);
        Add(schemas, ProblemView.Members);
        foreach (var list in lists)
        {
            paths[$"/v1/{list.Name}"] = Get(
                $"list{string.Concat(list.Name.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]))}", list.Summary,
                Reference($"{list.Item.Name}Page"),
                Parameters(list));
            Add(schemas, list.Item);
            schemas[$"{list.Item.Name}Page"] = Page(list.Item);
        }
        paths["/v1/route"] = Get("getRoute", "What the switch would do with a packet of a port to a destination.", Reference("Route"), new(
        [
            .. RouteQuestion.Parameters.Select(one => Required(one.Name, one.Description)),
        ]));
        Add(schemas, RouteView.Members);
        paths["/v1/config"] = Alone("getConfig", "The running configuration; softswitch run accepts this text.", Type("object"));
        OpenApiChanges.Add(paths, schemas);
        paths["/v1/events"] = new JsonObject
        {
            ["get"] = Operation("getEvents",
                "What happens, as server-sent events, until the reader goes; the data of each is an Event.", Reference("Event"), new(
                [
                    .. EventChoice.Parameters.Select(one => Parameter(
                        one.Name, one.Description, Type("string", ("maxLength", ListQuery.LongestValue)))),
                ]), "text/event-stream"),
        };
        Add(schemas, EventView.Members);
        paths["/openapi.json"] = Alone("getOpenApi", "This document.", Type("object"));
        var document = new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "SoftSwitch control API",
                ["version"] = "1",
                ["license"] = new JsonObject { ["name"] = "MIT", ["identifier"] = "MIT" },
                ["description"] = "On the control socket: curl --unix-socket /run/softswitch/control.sock http://localhost/v1/ports. "
                    + "Unknown parameters and members are refused; ages are seconds, times RFC 3339, errors problem details (RFC 9457).",
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "http://localhost" }),
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas },
        };
        return Encoding.UTF8.GetBytes(document.ToJsonString(s_options));
    }

    private static JsonObject Alone(string operation, string summary, JsonObject schema) => Get(operation, summary, schema, []);

    private static JsonObject Get(string operation, string summary, JsonObject schema, JsonArray parameters) =>
        new() { ["get"] = Operation(operation, summary, schema, parameters) };

    public static JsonObject Operation(
        string operation, string summary, JsonObject schema, JsonArray parameters, string type = "application/json") => new()
    {
        ["operationId"] = operation,
        ["summary"] = summary,
        ["parameters"] = parameters,
        ["responses"] = new JsonObject
        {
            ["200"] = Response(summary, type, schema),
            ["default"] = Response("What went wrong.", "application/problem+json", Reference("Problem")),
        },
    };

    public static JsonObject Response(string description, string type, JsonObject schema) => new()
    {
        ["description"] = description,
        ["content"] = new JsonObject { [type] = new JsonObject { ["schema"] = schema } },
    };

    private static JsonArray Parameters(IApiList list) => new(
    [
        Parameter("limit", "Items on a page.",
            Type("integer", ("minimum", 1), ("maximum", ProgramLimits.Page.Most), ("default", ListQuery.DefaultLimit))),
        Parameter("cursor", "What an earlier page gave as next.", Type("string", ("maxLength", ListQuery.LongestValue))),
        .. list.Filters.Select(filter => Parameter(filter.Name, $"{filter.Description}.", filter.Schema())),
    ]);

    public static JsonObject Parameter(string name, string description, JsonObject schema) =>
        new() { ["name"] = name, ["in"] = "query", ["description"] = description, ["schema"] = schema };

    private static JsonObject Required(string name, string description)
    {
        var parameter = Parameter(name, description, Type("string", ("maxLength", ListQuery.LongestValue)));
        parameter["required"] = true;
        return parameter;
    }

    private static JsonObject Page(IApiObject item) => new()
    {
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["required"] = new JsonArray("items", "next"),
        ["properties"] = new JsonObject
        {
            ["items"] = new JsonObject { ["type"] = "array", ["items"] = Reference(item.Name) },
            ["next"] = new JsonObject
            {
                ["type"] = new JsonArray("string", "null"),
                ["description"] = "What to send as cursor to get the next page; null: this was the last.",
            },
        },
    };

    private static JsonObject Type(string type, params IEnumerable<(string Name, int Value)> bounds) =>
        new(bounds.Select(bound => KeyValuePair.Create(bound.Name, (JsonNode?)bound.Value))
            .Prepend(KeyValuePair.Create("type", (JsonNode?)type)));

    public static JsonObject Reference(string name) => new() { ["$ref"] = $"#/components/schemas/{name}" };

    private static void Add(JsonObject schemas, IApiObject item)
    {
        if (schemas.ContainsKey(item.Name))
            return;
        schemas[item.Name] = item.Schema();
        foreach (var part in item.Parts)
            Add(schemas, part);
    }
}
