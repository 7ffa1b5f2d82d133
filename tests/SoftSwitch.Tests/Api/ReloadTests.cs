using System.Net;
using System.Text.Json.Nodes;
using SoftSwitch.Live;
using SoftSwitch.Tests.Cli;

namespace SoftSwitch.Tests.Api;

/// <summary>What a reload answers, to a client that knows nothing of ours and to the command.</summary>
public class ReloadTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_says_what_has_changed()
    {
        var changes = new SampleChanges { Next = new(ChangeKind.Applied, ["+ port vm9 (tap in network dev)"]) };
        await using var api = await ApiFixture.Start(changes: changes);
        var (status, answer) = await Post(api, "v1/reload");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True((bool)answer["applied"]!);
        Assert.Equal("+ port vm9 (tap in network dev)", (string)answer["changes"]![0]!);
        var run = await CommandRun.Of("reload", "--socket", api.Path);
        Assert.Equal((0, "+ port vm9 (tap in network dev)\n", ""), (run.Status, run.Output, run.Error));
        Assert.All(changes.Asked, asked => Assert.False(asked.IsDry));
    }

    [Fact]
    public async Task It_can_be_asked_what_would_change()
    {
        var changes = new SampleChanges { Next = new(ChangeKind.Asked, []) };
        await using var api = await ApiFixture.Start(changes: changes);
        Assert.False((bool)(await Post(api, "v1/reload?dry-run=true")).Answer["applied"]!);
        var run = await CommandRun.Of("reload", "--dry-run", "--socket", api.Path);
        Assert.Equal((0, "nothing to change: the file says what runs\n"), (run.Status, run.Output));
        Assert.Equal([true, true], changes.Asked.Select(asked => asked.IsDry));
        Assert.Equal(HttpStatusCode.BadRequest, (await Post(api, "v1/reload?dry-run=perhaps")).Status);
        Assert.Equal(2, changes.Asked.Count);
    }

    [Theory]
    [InlineData("Mistakes", 422, 2, "the file has mistakes; what ran before goes on")]
    [InlineData("Refused", 409, 1, "this can't be applied to what runs, which goes on as before")]
    public async Task Each_thing_that_is_wrong_is_a_line(string kind, int status, int exit, string says)
    {
        var changes = new SampleChanges { Next = new(Enum.Parse<ChangeKind>(kind), ["a.yaml:3:1: one", "a.yaml:4:1: another"]) };
        await using var api = await ApiFixture.Start(changes: changes);
        var (answered, problem) = await Post(api, "v1/reload");
        Assert.Equal((status, says), ((int)answered, (string?)problem["detail"]));
        Assert.Equal(["a.yaml:3:1: one", "a.yaml:4:1: another"], problem["errors"]!.AsArray().Select(error => (string)error!));
        var run = await CommandRun.Of("reload", "--socket", api.Path);
        Assert.Equal((exit, $"a.yaml:3:1: one\na.yaml:4:1: another\nsoftswitch: {says}\n"), (run.Status, run.Error));
    }

    private static async Task<(HttpStatusCode Status, JsonNode Answer)> Post(ApiFixture api, string path)
    {
        using var response = await api.Http.PostAsync(path, null, Cancel);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!);
    }
}
