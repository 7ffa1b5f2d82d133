using System.Text.Json.Nodes;

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
            // Some answer nothing without a parameter, and a stream never ends.
            if (operation["parameters"]!.AsArray().Any(parameter => parameter!["required"] is not null)
                || operation["responses"]!["200"]!["content"]!["application/json"] is null)
                continue;
            using var answered = await api.Http.SendAsync(new(method, path), Cancel);
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
            var listed = operation["parameters"]!.AsArray().Select(parameter => (string)parameter!["name"]!).ToArray();
            using var refused = await api.Http.SendAsync(new(method, $"{path}?surely-unknown=1"), Cancel);
            var detail = (string)JsonNode.Parse(await refused.Content.ReadAsStringAsync(Cancel))!["detail"]!;
            Assert.EndsWith(listed.Length == 0 ? "this takes none" : $"this takes {string.Join(", ", listed)}", detail);
        }
    }

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
