using System.Text.Json.Nodes;
using SoftSwitch.Api.Lists;
using SoftSwitch.Api.Views;
using SoftSwitch.Config.Keys;
using SoftSwitch.Config.Rows;
using SoftSwitch.Kinds;
using SoftSwitch.Live.Layer;
using SoftSwitch.Model;

namespace SoftSwitch.Api;

/// <summary>What <see cref="OpenApiDocument"/> says of requests that change something: their bodies are the keys of the file.</summary>
internal static class OpenApiChanges
{
    private const string ForOne = "^[a-z0-9][a-z0-9-]{0,14}$";

    private const string Names =
        "Its name; several with a comma between them or as a range (vm[1-50]): all of them are done, or none.";

    private const string Passing = "Takes it back after this time, such as 10m; none: what was to be there for a while only stays.";

    /// <summary>Adds them.</summary>
    public static void Add(JsonObject paths, JsonObject schemas)
    {
        schemas[ChangeView.Members.Name] = ChangeView.Members.Schema();
        paths[ChangeRoutes.ReloadPath] = new JsonObject { ["post"] = Reload() };
        paths[ChangeRoutes.UpgradePath] = new JsonObject { ["post"] = Upgrade() };
        paths[ChangeRoutes.SavePath] = new JsonObject
        {
            ["post"] = OpenApiDocument.Operation("saveConfig", "Writes what was made at run time into the file.", Change, new(
            [
                DryRun(),
                OpenApiDocument.Parameter(ChangeParameters.FileText, "true: writes nothing, and gives the file as it would be.",
                    new() { ["type"] = "boolean" }),
                IfMatch(isNeeded: false, "the whole configuration"),
            ])),
        };
        Add(paths, schemas, RunTimeNoun.Port, PortView.Members, PortKeys.Choices, PortKeys.Kind, PortKinds.All
            .Where(kind => kind.IsBuilt)
            .Select(kind => (kind.Word, RowSchema.Map(PortKeys.Of(kind), kind.Blank(""), null, (PortKeys.Kind, kind.Word)))));
        Add(paths, schemas, RunTimeNoun.Network, NetworkView.Members, NetworkKeys.All, NetworkKeys.Mode, Enum.GetValues<NetworkMode>()
            .Select(mode => (mode.Word(), RowSchema.Map(NetworkKeys.All.Where(key => key.IsFor(mode.Word())),
                NetworkKeys.Blank("", mode), null, (NetworkKeys.Mode, mode.Word())))));
        var forward = BodySchema.Of(RowSchema.Map(ForwardKeys.All, null));
        Require(forward, ChangeParameters.Network, Named("The nat network that it leads into.", ForOne));
        schemas["NewForward"] = forward;
        var list = paths["/v1/forwards"]!.AsObject();
        list["post"] = Adding(RunTimeNoun.Forward);
        list["delete"] = OpenApiDocument.Operation("removeForward", "Removes a forward.", Change, new(
        [
            OpenApiDocument.Parameter(ChangeParameters.Ttl, Passing, Text()),
            DryRun(),
            Needed(OpenApiDocument.Parameter(ChangeParameters.Network, "The nat network that it leads into.", Text())),
            Needed(OpenApiDocument.Parameter(ForwardKeys.From.Name, "Protocol and ports outside, such as tcp/2222.", Text())),
            OpenApiDocument.Parameter(ForwardKeys.On.Name, "The one address that it is for, where it is for one.", Text()),
            IfMatch(isNeeded: false, "the whole configuration"),
        ]));
    }

    private static JsonObject Change => OpenApiDocument.Reference(ChangeView.Members.Name);

    private static void Add(
        JsonObject paths, JsonObject schemas, RunTimeNoun noun, IApiObject view, IReadOnlyList<Row> keys, Row choice,
        IEnumerable<(string Word, JsonObject Schema)> each)
    {
        var title = Title(noun);
        var mapping = new JsonObject();
        foreach (var (word, alternative) in each)
        {
            Require(alternative, ChangeParameters.Name, Named(Names, null));
            var name = $"New{Pascal(word)}{title}";
            schemas[name] = BodySchema.Of(alternative);
            mapping[word] = (string)OpenApiDocument.Reference(name)["$ref"]!;
        }
        schemas[$"New{title}"] = new JsonObject
        {
            ["oneOf"] = new JsonArray([.. mapping.Select(one => new JsonObject { ["$ref"] = (string)one.Value! })]),
            ["discriminator"] = new JsonObject { ["propertyName"] = choice.Name, ["mapping"] = mapping },
        };
        schemas[$"{title}Changes"] = new JsonObject
        {
            ["type"] = "object",
            ["description"] = "Keys that are set; null: left out again, the default holds (RFC 7396).",
            ["additionalProperties"] = false,
            ["properties"] = new JsonObject(keys.Where(row => row.IsBuilt).Select(row => KeyValuePair.Create(
                row.Name, (JsonNode?)BodySchema.OrNull(BodySchema.Patch(BodySchema.Of(RowSchema.Value(row, null))))))),
        };
        paths[$"/v1/{ChangeParameters.ListOf(noun)}"]!.AsObject()["post"] = Adding(noun);
        var one = new JsonObject
        {
            ["get"] = OpenApiDocument.Operation($"get{title}", $"One {noun.Word()}; its ETag says which state its keys are in.",
                OpenApiDocument.Reference(view.Name), new([InPath(ForOne)])),
            ["patch"] = OpenApiDocument.Operation($"set{title}", $"Changes keys of a {noun.Word()}, at run time.", Change,
                new([InPath(null), .. Options(), IfMatch(isNeeded: true, $"the {noun.Word()}")])),
            ["delete"] = OpenApiDocument.Operation($"remove{title}", $"Removes a {noun.Word()}, at run time.", Change,
                new([InPath(null), .. Options(), IfMatch(isNeeded: false, $"the {noun.Word()}")])),
        };
        one["patch"]!["requestBody"] = Body($"{title}Changes", ChangeRoutes.Json, ChangeRoutes.MergePatch);
        paths[$"/v1/{ChangeParameters.ListOf(noun)}/{{{ChangeParameters.Name}}}"] = one;
    }

    private static JsonObject Adding(RunTimeNoun noun)
    {
        var operation = OpenApiDocument.Operation($"add{Title(noun)}",
            $"Makes a {noun.Word()}, at run time: it stays over a reload and a restart until it is removed.", Change,
            new([.. Options(), IfMatch(isNeeded: false, "the whole configuration")]));
        operation["requestBody"] = Body($"New{Title(noun)}", ChangeRoutes.Json);
        var responses = operation["responses"]!.AsObject();
        responses.Insert(0, "201", OpenApiDocument.Response("It was made; Location says where it is.", ChangeRoutes.Json, Change));
        responses["200"]!["description"] = "It was only asked (dry-run).";
        return operation;
    }

    private static JsonObject Reload()
    {
        var operation = OpenApiDocument.Operation("reload", "What runs becomes what its file says now, all or nothing.", Change, new(
        [
            DryRun(),
            OpenApiDocument.Parameter(ChangeParameters.FileName, "What mistakes call the configuration that is sent.", Text()),
            IfMatch(isNeeded: false, "the whole configuration"),
        ]));
        operation["requestBody"] = new JsonObject
        {
            ["description"] = "A configuration to run in place of the file's, until the next reload or start; none: the file is read.",
            ["required"] = false,
            ["content"] = new JsonObject(ChangeRoutes.ConfigTypes.Select(type => KeyValuePair.Create(type, (JsonNode?)new JsonObject
            {
                ["schema"] = new JsonObject { ["type"] = type == ChangeRoutes.Json ? "object" : "string" },
            }))),
        };
        return operation;
    }

    private static JsonObject Upgrade()
    {
        var operation = OpenApiDocument.Operation("upgrade",
            "Has the program that is installed by now go on in place of the one that runs. Ports, leases and connections stay.", Change,
            new([DryRun()]));
        var responses = operation["responses"]!.AsObject();
        responses.Insert(0, "202", OpenApiDocument.Response(
            "It will: connections to the API end, and `restarts` of the status has grown when it answers again.", ChangeRoutes.Json,
            Change));
        responses["200"]!["description"] = "It was only asked (dry-run).";
        return operation;
    }

    private static JsonNode[] Options() =>
    [
        OpenApiDocument.Parameter(ChangeParameters.Ttl, Passing, Text()), DryRun(),
    ];

    private static JsonObject DryRun() => OpenApiDocument.Parameter(
        ChangeParameters.DryRun, "true: only says what would change.", new() { ["type"] = "boolean" });

    private static JsonObject IfMatch(bool isNeeded, string what)
    {
        var header = OpenApiDocument.Parameter("If-Match", $"The ETag of {what} as it was seen, or *: else 412.", Text());
        header["in"] = "header";
        return isNeeded ? Needed(header) : header;
    }

    private static JsonObject InPath(string? pattern)
    {
        var parameter = OpenApiDocument.Parameter(ChangeParameters.Name, pattern is null ? Names : "Its name.",
            pattern is null ? Text() : new() { ["type"] = "string", ["pattern"] = pattern });
        parameter["in"] = "path";
        return Needed(parameter);
    }

    private static JsonObject Needed(JsonObject parameter)
    {
        parameter["required"] = true;
        return parameter;
    }

    private static JsonObject Body(string schema, params IEnumerable<string> types) => new()
    {
        ["required"] = true,
        ["content"] = new JsonObject(types.Select(type => KeyValuePair.Create(
            type, (JsonNode?)new JsonObject { ["schema"] = OpenApiDocument.Reference(schema) }))),
    };

    private static void Require(JsonObject map, string name, JsonObject schema)
    {
        map["properties"]!.AsObject().Insert(0, name, schema);
        if (map["required"] is JsonArray required)
            required.Insert(0, name);
        else
            map["required"] = new JsonArray(name);
    }

    private static JsonObject Named(string description, string? pattern)
    {
        var schema = new JsonObject { ["description"] = description, ["type"] = "string" };
        if (pattern is not null)
            schema["pattern"] = pattern;
        return schema;
    }

    private static JsonObject Text() => new() { ["type"] = "string", ["maxLength"] = ListQuery.LongestValue };

    private static string Title(RunTimeNoun noun) => Pascal(noun.Word());

    /// <summary><c>host-only</c> is HostOnly.</summary>
    private static string Pascal(string word) => string.Concat(word.Split('-').Select(part => char.ToUpperInvariant(part[0]) + part[1..]));
}
