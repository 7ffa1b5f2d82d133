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
        | `/v1/ports/NAME`, `/v1/networks/NAME` | one of them |
        | `POST /v1/ports`, `/v1/networks`, `/v1/forwards` | makes one, or several at once; see the end |
        | `PATCH` and `DELETE` of `/v1/ports/NAME`, `/v1/networks/NAME`, `DELETE /v1/forwards` | changes and removes; see the end |
        | `POST /v1/reload` | what runs becomes what its file says now; see the end |
        | `POST /v1/config/save` | writes what was made at run time into the file; see the end |
        | `POST /v1/upgrade` | the program that is installed by now goes on; see the end |
        | `/openapi.json` | the description of the API |

        With `listen: 127.0.0.1:8080` in the file it answers there as well, for who may read the token beside the socket (its name and
        `.token`; another one for each start): `curl -H "Authorization: Bearer $(cat /run/softswitch/control.sock.token)"
        http://127.0.0.1:8080/v1/ports`. No other machine reaches it, and no web page does without the token.

        A list comes in pages: `limit` is how many items one has (1,000; at most 10,000), and `next` is what the next request gives as
        `cursor`; null: this was the last page. A list that changes meanwhile shows no item twice, and leaves out none that was there all
        the time.

        An unknown parameter is refused, and so is one that is given twice or names something that isn't there. Ages are seconds, times
        RFC 3339, numbers whole. What goes wrong is answered by problem details (RFC 9457): `status`, and in `detail` a line that says
        what is wrong and what would be right. A member that is called optional is left out where there is nothing to say.

        """;

    private const string Changes = """

        ## Changes
        | request | does |
        |---|---|
        | `POST /v1/ports` | makes a port: `{"name": "vm9", "network": "dev", "kind": "guest"}`, and any other key of the file |
        | `PATCH /v1/ports/NAME` | sets keys: `{"admin": "down"}`; null leaves one out again (RFC 7396) |
        | `DELETE /v1/ports/NAME` | removes it; one of the file stays away until it is made again |
        | the same at `/v1/networks` | makes, changes and removes networks |
        | `POST /v1/forwards` | makes a forward: `{"network": "dev", "from": "tcp/2222", "to": "web:22"}` |
        | `DELETE /v1/forwards?network=dev&from=tcp/2222` | removes it; `on=ADDRESS` where it is for one address |
        | `POST /v1/reload` | what runs becomes what its file says now, with what was made at run time |
        | `POST /v1/config/save` | writes what was made at run time into the file; `text=true`: only gives its text |
        | `POST /v1/upgrade` | the program that is installed by now [goes on](changes.md): 202, and it begins behind the answer |

        A reload with a body of type `application/yaml` has what that says run instead, until the next reload or start; `name` is what
        mistakes call it.

        What is made at run time stays over a reload and a restart (in `state`) until it is removed; lists show it with `origin`, and
        `/v1/run-time` has all of it. A name may be several, `vm[1-50],web`: all are made, changed or removed, or none. `ttl=10m` takes it
        back after that time; `dry-run=true` only says what would change.

        A body is JSON of at most 64 KiB (a configuration 1 MiB) with `Content-Type: application/json`. Changes are done one after the
        other, users by turns. 201: it was made, `Location` says where; 404: there is none; 409: it can't be applied to what runs; 422: it
        has mistakes; 503 with `Retry-After`: too many of this user's wait already. `errors` has a line for each thing, and whatever isn't
        applied whole changes nothing.

        `GET` of one port or network, and of `/v1/config`, has an `ETag`, which is another when its keys are; counters don't change it.
        `If-Match` with it refuses a change (412) where somebody else was quicker; `PATCH` needs one, or `If-Match: *` (428). Where
        something is made, it is the one of `/v1/config`.

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
        text.Append(Changes + "\n| member | type | says |\n|---|---|---|\n");
        Members(text, ChangeView.Members, "");
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
