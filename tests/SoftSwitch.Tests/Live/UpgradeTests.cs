using SoftSwitch.Config;
using SoftSwitch.Live;
using SoftSwitch.Live.Layer;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Tests.Api;

namespace SoftSwitch.Tests.Live;

/// <summary>A planned restart as the API and the configuration see it: asked first, for owners alone, and only after the answer.</summary>
public sealed class UpgradeTests
{
    [Fact]
    public async Task It_begins_when_the_answer_is_there_and_a_dry_run_only_asks()
    {
        var changes = new SampleChanges { Next = new(ChangeKind.Applied, ["~ program 0.1.0: goes on as 0.2.0"]) };
        await using var api = await ApiFixture.Start(changes: changes);
        Assert.Equal(202, (await Ask(api, "v1/upgrade")).Status);
        Assert.True(SpinWait.SpinUntil(() => changes.Upgrades == 1, TimeSpan.FromSeconds(10)));
        changes.Next = new(ChangeKind.Asked, ["~ program 0.1.0: goes on as 0.2.0"]);
        Assert.Equal(200, (await Ask(api, "v1/upgrade?dry-run=true")).Status);
        changes.Next = new(ChangeKind.Refused, ["it is an older one"]);
        var (status, body) = await Ask(api, "v1/upgrade");
        Assert.Equal(409, status);
        Assert.Contains("it is an older one", body, StringComparison.Ordinal);
        Assert.Equal(1, changes.Upgrades);
        Assert.True(changes.Asked[1].IsDry);
    }

    [Fact]
    public void Only_owners_may_and_what_runs_is_handed_over_with_all_that_it_was_made_of()
    {
        var next = new Next();
        var document = ConfigDocument.Of("switch.yaml", "networks: { one: { mode: internal } }\n");
        using var config = new LiveConfig(new("switch.yaml"), new(document, RunTimeLayer.Empty), RunTimeMemory.None,
            new AgreeableSwitch(document.Compile(null).Model!), SilentLog.Instance, next: next);
        Assert.Equal(ChangeKind.Refused, config.Upgrade(new() { IsOwner = false }).Kind);
        Assert.Equal(0, next.Asked);
        next.Refusal = "it can't";
        Assert.Equal(["it can't"], config.Upgrade(new()).Lines);
        next.Refusal = null;
        Assert.Equal(ChangeKind.Asked, config.Upgrade(new() { IsDry = true }).Kind);
        Assert.Equal(ChangeKind.Applied, config.Upgrade(new()).Kind);
        Assert.Null(next.Begun);
        config.GoOn();
        Assert.True(LayeredStart.TryTake(next.Begun!, out var start));
        Assert.Equal("switch.yaml", start.Document.Name);
        config.Dispose();
        next.Begun = null;
        config.GoOn();
        Assert.Null(next.Begun);
    }

    /// <summary>The thread that has it go on is nobody else's: what it threw would end all of it.</summary>
    [Fact]
    public void A_mishap_leaves_what_runs_and_is_told()
    {
        var (next, log) = (new Next { Mishap = new InvalidOperationException("a mishap") }, new RememberedLog());
        var document = ConfigDocument.Of("switch.yaml", "networks: { one: { mode: internal } }\n");
        using var config = new LiveConfig(new("switch.yaml"), new(document, RunTimeLayer.Empty), RunTimeMemory.None,
            new AgreeableSwitch(document.Compile(null).Model!), log, next: next);
        config.GoOn();
        Assert.Contains("a mishap", Assert.Single(log.Lines).Message, StringComparison.Ordinal);
        next.Mishap = null;
        config.GoOn();
        Assert.NotNull(next.Begun);
    }

    private static async Task<(int Status, string Body)> Ask(ApiFixture api, string path)
    {
        using var answer = await api.Http.PostAsync(path, null, TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private sealed class Next : INextProgram
    {
        public int Asked { get; private set; }

        public string? Refusal { get; set; }

        public string? Begun { get; set; }

        public string? Ask(SwitchModel model, out string version)
        {
            (Asked, version) = (Asked + 1, "0.2.0");
            return Refusal;
        }

        public Exception? Mishap { get; set; }

        public void Begin(string written) => Begun = Mishap is null ? written : throw Mishap;
    }
}
