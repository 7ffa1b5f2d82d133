using System.Text.Json;
using System.Text.Json.Nodes;
using SoftSwitch.Api;
using SoftSwitch.Api.Lists;

namespace SoftSwitch.Tests.Api;

/// <summary>What a row says of a list in two places fits together: its members, its columns, its filters.</summary>
public class ApiListTests
{
    public static TheoryData<string> Names => [.. ApiLists.All.Select(list => list.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_column_shows_something_of_an_item_that_has_all_members(string name)
    {
        var list = Of(name);
        using var item = JsonDocument.Parse(Whole(list.Item).ToJsonString());
        Assert.True(list.Item.Fits(item.RootElement));
        Assert.All(list.Table.Columns, column => Assert.NotNull(column.Shows(item.RootElement)));
        Assert.Subset(list.Table.Columns.Select(column => column.Header.TrimStart('>', '~')).ToHashSet(),
            list.Table.Dispensable.ToHashSet());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_item_that_lacks_a_member_or_has_another_is_of_another_version(string name)
    {
        var item = Whole(Of(name).Item);
        var schema = Of(name).Item.Schema();
        foreach (var member in schema["properties"]!.AsObject().Select(member => member.Key))
        {
            var less = item.DeepClone().AsObject();
            less.Remove(member);
            Assert.NotEqual(schema["required"]!.AsArray().Any(required => (string)required! == member), Fits(name, less));
            var other = item.DeepClone().AsObject();
            other[member] = new JsonArray(1);
            Assert.False(Fits(name, other));
        }
        item["surely-unknown"] = 1;
        Assert.False(Fits(name, item));
    }

    private static IApiList Of(string name) => ApiLists.All.First(list => list.Name == name);

    private static bool Fits(string name, JsonObject item)
    {
        using var json = JsonDocument.Parse(item.ToJsonString());
        return Of(name).Item.Fits(json.RootElement);
    }

    private static JsonObject Whole(IApiObject item) => new(item.Schema()["properties"]!.AsObject()
        .Select(member => KeyValuePair.Create(member.Key, Value(member.Value!.AsObject(), item))));

    private static JsonNode? Value(JsonObject schema, IApiObject item) => (string?)schema["$ref"] is { } reference
        ? Whole(item.Parts.First(part => part.Name == reference.Split('/')[^1]))
        : (schema["type"] is JsonArray types ? (string)types[0]! : (string)schema["type"]!) switch
        {
            "integer" => 1,
            "boolean" => true,
            "array" => new JsonArray("x"),
            _ => "x",
        };
}
