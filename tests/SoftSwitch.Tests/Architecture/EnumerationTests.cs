using System.Text.RegularExpressions;
using SoftSwitch.Api;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Stations.Neighbors;
using SoftSwitch.Lab;
using SoftSwitch.Linux;
using SoftSwitch.Model;
using SoftSwitch.State.Nat;
using SoftSwitch.Text;

namespace SoftSwitch.Tests.Architecture;

/// <summary>What stands beside an enumeration has something for each of its values, and the right thing.</summary>
public sealed partial class EnumerationTests
{
    [Fact]
    public void A_list_of_words_has_each_value_once()
    {
        var words = new WordList<PollMode>((PollMode.Always, "always"), (PollMode.Adaptive, "adaptive"));
        Assert.Equal(["always", "adaptive"], words.All);
        Assert.All(Enum.GetValues<PollMode>(), mode => Assert.Equal(mode, words.Of(words[mode])));
        Assert.Null(words.Of("Always"));
        Assert.Throws<ArgumentException>(() => new WordList<PollMode>((PollMode.Always, "always")));
        Assert.Throws<ArgumentException>(() => new WordList<PollMode>((PollMode.Always, "always"), (PollMode.Always, "adaptive")));
    }

    [Fact]
    public void A_drop_reason_has_its_own_name_and_a_sentence()
    {
        Assert.Equal(Enum.GetValues<DropReason>().Length, DropReasons.Count);
        Assert.InRange(DropReasons.Count, 1, DropCounts.Length);
        Assert.All(Enum.GetValues<DropReason>(), reason =>
        {
            Assert.Equal(Words(reason, "-").ToLowerInvariant(), reason.Name());
            Assert.True(reason.Help().Length > 10);
        });
    }

    [Fact]
    public void A_capability_has_the_name_that_its_tools_have_for_it() =>
        Assert.All(Enum.GetValues<Capability>(),
            capability => Assert.Equal($"CAP_{Words(capability, "_").ToUpperInvariant()}", capability.Name()));

    [Fact]
    public void A_neighbor_s_state_is_among_those_that_the_api_names()
    {
        var named = ApiLists.Neighbors.Item.Schema()["properties"]!["state"]!["enum"]!.AsArray().Select(word => word!.GetValue<string>());
        var shown = Enum.GetValues<NeighborState>().Where(state => state != NeighborState.None);
        Assert.Equal(shown.Select(state => state.ToString().ToLowerInvariant()).Order(), named.Order());
    }

    [Fact]
    public void The_translator_has_another_filtering_for_each_of_the_file_s() =>
        Assert.Distinct(Enum.GetValues<Filtering>()
            .Select(filtering => NaptOptionsOf.Policy(new NatModel { Filtering = filtering }, isHost: false).Filtering));

    [Fact]
    public void A_lab_says_how_it_is_shown_on_each_rung() =>
        Assert.Distinct(Enum.GetValues<LabRung>().Select(rung => new LabGround(rung, "why").Describe("to a test")));

    private static string Words<T>(T value, string between) where T : struct, Enum => Between().Replace(value.ToString(), between);

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])")]
    private static partial Regex Between();
}
