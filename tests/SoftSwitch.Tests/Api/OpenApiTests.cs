using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace SoftSwitch.Tests.Api;

/// <summary>The description of the API says what the API does.</summary>
public class OpenApiTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_path_in_it_answers_with_the_members_it_lists()
    {
        await using var api = await ApiFixture.Start();
        var document = JsonNode.Parse(await api.Http.GetStringAsync("openapi.json", Cancel))!;
        foreach (var (path, method, operation) in Operations(document))
        {
            // The others answer nothing without one, or without a body, and a stream never ends.
            if (operation["parameters"]!.AsArray()
                    .Any(parameter => (string?)parameter!["in"] != "path" && parameter["required"] is not null)
                || (bool?)operation["requestBody"]?["required"] == true
                || operation["responses"]!["200"]!["content"]!["application/json"] is null)
                continue;
            using var answered = await api.Http.SendAsync(new(method, Named(path)), Cancel);
            Assert.True(answered.IsSuccessStatusCode, $"{method} {path}: {answered.StatusCode}");
            var answer = JsonNode.Parse(await answered.Content.ReadAsStringAsync(Cancel));
            var schema = operation["responses"]!["200"]!["content"]!["application/json"]!["schema"]!;
            Compare(document, path, schema, answer);
        }
    }

    [Fact]
    public async Task Every_parameter_in_it_is_taken_and_there_is_no_other()
    {
        await using var api = await ApiFixture.Start();
        var document = JsonNode.Parse(await api.Http.GetStringAsync("openapi.json", Cancel))!;
        foreach (var (path, method, operation) in Operations(document))
        {
            var listed = operation["parameters"]!.AsArray().Where(parameter => (string?)parameter!["in"] == "query")
                .Select(parameter => (string)parameter!["name"]!).ToArray();
            using var refused = await api.Http.SendAsync(new(method, $"{Named(path)}?surely-unknown=1"), Cancel);
            var detail = (string)JsonNode.Parse(await refused.Content.ReadAsStringAsync(Cancel))!["detail"]!;
            Assert.EndsWith(listed.Length == 0 ? "this takes none" : $"this takes {string.Join(", ", listed)}", detail);
        }
    }

    /// <summary>A reader of others' making finds nothing wrong with it.</summary>
    [Fact]
    public async Task It_is_what_its_standard_says()
    {
        await using var api = await ApiFixture.Start();
        await using var stream = await api.Http.GetStreamAsync("openapi.json", Cancel);
        var read = await OpenApiDocument.LoadAsync(stream, "json", cancellationToken: Cancel);
        Assert.Empty(read.Diagnostic!.Errors.Select(error => error.ToString()));
        Assert.Empty(read.Diagnostic.Warnings.Select(warning => warning.ToString()));
        var operations = read.Document!.Paths.Values.SelectMany(path => path.Operations!.Values).ToList();
        Assert.Equal(operations.Count, operations.Select(operation => operation.OperationId).Distinct().Count());
        Assert.All(operations, operation => Assert.Matches("^[a-z][A-Za-z]+$", operation.OperationId));
        // Every path that takes changes is in it.
        Assert.Equal(["addForward", "addNetwork", "addPort", "reload", "removeForward", "removeNetwork", "removePort", "saveConfig",
            "setNetwork", "setPort", "upgrade"], operations.Select(operation => operation.OperationId!)
            .Where(name => !name.StartsWith("get", StringComparison.Ordinal) && !name.StartsWith("list", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal));
    }

    /// <summary>A patch of a map leaves out or sets what is in it (RFC 7396); what is made has no nulls. Catches a client made from the
    /// description that can't say what the API takes.</summary>
    [Fact]
    public async Task A_patch_may_leave_out_again_what_is_in_a_map()
    {
        await using var api = await ApiFixture.Start();
        var schemas = JsonNode.Parse(await api.Http.GetStringAsync("openapi.json", Cancel))!["components"]!["schemas"]!;
        var dhcp = schemas["NetworkChanges"]!["properties"]!["dhcp"]!["anyOf"]!.AsArray();
        var map = dhcp.Concat(dhcp.SelectMany(one => one!["anyOf"] as JsonArray ?? [])).Single(one => one!["properties"] is not null)!;
        Assert.Contains("null", map["properties"]!["lease"]!.ToJsonString());
        Assert.DoesNotContain("required", map.AsObject().Select(one => one.Key));
        Assert.DoesNotContain("\"null\"", schemas["NewNatNetwork"]!.ToJsonString());
    }

    /// <summary>With a name where it needs one.</summary>
    private static string Named(string path) => path.Replace("{name}", path.Contains("networks") ? "dev" : "vm1");

    private static IEnumerable<(string Path, HttpMethod Method, JsonNode Operation)> Operations(JsonNode document) =>
        from path in document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        select (path.Key, HttpMethod.Parse(operation.Key), operation.Value!);

    private static void Compare(JsonNode document, string where, JsonNode schema, JsonNode? value)
    {
        if ((string?)schema["$ref"] is { } reference)
            schema = document["components"]!["schemas"]![reference.Split('/')[^1]]!;
        if (value is JsonArray array)
        {
            foreach (var item in array)
                Compare(document, $"{where}[]", schema["items"]!, item);
        }
        if (value is not JsonObject members || schema["properties"] is not JsonObject properties)
            return;
        foreach (var required in schema["required"]!.AsArray())
            Assert.True(members.ContainsKey((string)required!), $"{where} lacks {required}");
        foreach (var (name, member) in members)
        {
            Assert.True(properties.ContainsKey(name), $"{where} has {name}, which openapi.json does not list");
            Compare(document, $"{where}.{name}", properties[name]!, member);
        }
    }
}
