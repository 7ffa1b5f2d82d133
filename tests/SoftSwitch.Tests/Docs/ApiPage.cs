using System.Text;
using System.Text.Json.Nodes;
using SoftSwitch.Api;
using SoftSwitch.Api.Events;
using SoftSwitch.Api.Lists;
using SoftSwitch.Api.Views;
using SoftSwitch.Bounds;

namespace SoftSwitch.Tests.Docs;

/// <summary>docs/api.md: what the rows say of the lists, for people.</summary>
internal static class ApiPage
{
    private const string Intro = """
        # The API

        Made from the program's own list of lists: `SOFTSWITCH_WRITE_DOCS=1 dotnet test tests/SoftSwitch.Tests`.

        HTTP/1.1 and JSON on the control socket: `curl --unix-socket /run/softswitch/control.sock http://localhost/v1/ports`. `GET
        /openapi.json` describes all of it for programs (OpenAPI 3.1); `softswitch show LIST --json` prints the same JSON.

        | path | answers |
        |---|---|
        | `/v1/status` | the process, and whether it is ready |
        | `/v1/LIST` | a list, one of those below: `{"items": […], "next": …}` |
        | `/v1/route` | what the switch would do with a packet of a port to a destination; see the end |
        | `/v1/config` | the running configuration; `softswitch run` accepts what it prints |
        | `/v1/events` | what happens, as it happens; see the end |
        | `POST /v1/reload` | what runs becomes what its file says now; see the end |
        | `/openapi.json` | the description of the API |

        A list comes in pages: `limit` is how many items one has (1,000; at most 10,000), and `next` is what the next request gives as
        `cursor`; null: this was the last page. A list that changes meanwhile shows no item twice, and leaves out none that was there all
        the time.

        An unknown parameter is refused, and so is one that is given twice or names something that isn't there. Ages are seconds, times
        RFC 3339, numbers whole. What goes wrong is answered by problem details (RFC 9457): `status`, and in `detail` a line that says
        what is wrong and what would be right. A member that is called optional is left out where there is nothing to say.

        """;

    private const string Reload = """

        ## `POST /v1/reload`
        What runs becomes what its file says now, all or nothing, as `softswitch reload` has it. `dry-run=true` only says what would
        change. A file with mistakes is answered with 422, what can't be applied to what runs with 409, and in both cases what ran before
        goes on; `errors` has a line for each.

        """;

    private static readonly string s_events = $"""

        ## `/v1/events`
        What happens, as server-sent events, until the reader goes: `curl -N --unix-socket /run/softswitch/control.sock
        http://localhost/v1/events`, or `softswitch show events`. The type of each is its topic, its data an object on a line. Who comes
        back with the id of the last one in `Last-Event-ID` gets what he has missed, as far as it is kept (the latest
        {ProgramLimits.KeptEvents.Most:N0}); an event `lost` says that some are missing. A line that says nothing comes every 15 seconds; a
        reader that doesn't read is cut off.

        While somebody follows, what there is is looked at twice a second, and what differs is told; what comes and goes in between isn't.
        Ages and counters aren't events, but {DropTopic.Threshold} drops a second of one port for one reason are: once, and every ten
        seconds while it lasts.

        """;

    public static string Write()
    {
        var text = new StringBuilder(Intro);
        foreach (var list in ApiLists.All)
        {
            text.Append($"\n## `/v1/{list.Name}`\n{list.Summary}\n\n");
            var filters = list.Filters.Select(filter => $"`{filter.Name}`, {Small(filter.Description)}");
            text.Append(list.Filters.Count == 0 ? "" : $"Filters: {string.Join("; ", filters)}.\n\n");
            text.Append("| member | type | says |\n|---|---|---|\n");
            Members(text, list.Item, "");
        }
        text.Append("\n## `/v1/route`\nWhat the switch would do with a packet of a port to a destination, as `softswitch route` says it. "
            + "Nothing is sent.\n\n");
        var parameters = RouteQuestion.Parameters.Select(one => $"`{one.Name}`, {Small(one.Description.TrimEnd('.'))}");
        text.Append($"Parameters, both needed: {string.Join("; ", parameters)}.\n\n| member | type | says |\n|---|---|---|\n");
        Members(text, RouteView.Members, "");
        text.Append(Reload + "\n| member | type | says |\n|---|---|---|\n");
        Members(text, ReloadView.Members, "");
        text.Append(s_events + "\n");
        parameters = EventChoice.Parameters.Select(one => $"`{one.Name}`, {Small(one.Description.TrimEnd('.'))}");
        text.Append($"Filters: {string.Join("; ", parameters)}. Topics are {Topics()}.\n\n"
            + "| member | type | says |\n|---|---|---|\n");
        Members(text, EventView.Members, "", inParts: false);
        return text.ToString();
    }

    private static void Members(StringBuilder text, IApiObject item, string prefix, bool inParts = true)
    {
        var schema = item.Schema();
        var required = schema["required"]!.AsArray().Select(name => (string)name!).ToHashSet();
        foreach (var (name, member) in schema["properties"]!.AsObject())
        {
            var part = (string?)member!["$ref"] is { } reference ? item.Parts.First(part => part.Name == reference.Split('/')[^1]) : null;
            var type = part is not null ? "object"
                : member["enum"] is JsonArray words ? string.Join(", ", words.Select(word => $"`{word}`"))
                : Type(member["type"]!);
            text.Append($"| `{prefix}{name}` | {type}{(required.Contains(name) ? "" : ", optional")} | {member["description"]} |\n");
            if (part is not null && inParts)
                Members(text, part, $"{prefix}{name}.");
        }
    }

    private static string Topics() => string.Join(", ", EventTopics.Words.Select(word => $"`{word}`"));

    private static string Type(JsonNode type) =>
        type is JsonArray several ? string.Join(" or ", several.Select(one => Word((string)one!))) : Word((string)type!);

    private static string Word(string type) => type switch
    {
        "string" => "text",
        "integer" => "number",
        "array" => "texts",
        _ => type,
    };

    private static string Small(string sentence) => char.ToLowerInvariant(sentence[0]) + sentence[1..];
}
