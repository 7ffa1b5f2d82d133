using System.Reflection;
using System.Text.RegularExpressions;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Tests.Docs;

namespace SoftSwitch.Tests.Architecture;

/// <summary>Whatever frames can use up stands in <see cref="Limits"/>: what has a rate, and what can grow.</summary>
public sealed partial class LimitTests
{
    private const BindingFlags AllFields =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>What can hold more and more.</summary>
    private static readonly string[] s_growing =
    [
        "Dictionary`2", "OrderedDictionary`2", "ConcurrentDictionary`2", "HashSet`1", "List`1", "LinkedList`1", "Queue`1", "Stack`1",
        "ConcurrentQueue`1", "PriorityQueue`2", "ConcurrentBag`1", "BlockingCollection`1", "Channel`1", "NativeTable",
    ];

    /// <summary>Types that hold what no frame makes more of, or what another type's limit bounds.</summary>
    private static readonly Dictionary<string, string> s_bounded = new()
    {
        ["Bridge"] = "the ports of the file",
        ["Burst"] = "frames of one turn",
        ["FdbPlaces"] = "stations that are behind ports of the file for certain",
        ["LoopWatch"] = "a probe for each port of the file, of two rounds",
        ["HeldIndex"] = "packets of the HeldFrames",
        ["StationMoves"] = "64 lines that wait to be told",
        ["MemoryPort"] = "the other end; bounded by its queue's length",
        ["OwnerTable"] = "the ports and addresses of flows, which the file limits",
        ["FlowTable"] = "flows, which the file limits",
        ["FlowIndex"] = "flows, which the file limits",
        ["KeyMap"] = "flows and mappings, which the file limits",
        ["MappingTable"] = "ports of the pool",
        ["Napt"] = "networks and forwards of the file",
        ["FragmentShares"] = "packets of the FragmentTable",
        ["FragmentSender"] = "packets of the FragmentTable",
        ["FragmentedPacket"] = "fragments of the FragmentTable",
        ["HeldShare"] = "packets of the HeldFrames",
        ["HeldOfPort"] = "packets of the HeldFrames",
        ["Turn"] = "stations whose turns its frames have called for, one for each neighbor at most",
        ["NeighborPlaces"] = "as many as the Ipv4NeighborTable says",
    };

    [Fact]
    public void A_limit_stands_in_the_table_of_limits_and_nowhere_else()
    {
        Assert.NotEmpty(LimitTable.All);
        Assert.DoesNotContain(SourceFile.All, file => file.Name != "Limits.cs" && NewLimit().IsMatch(file.Text));
        Assert.Distinct(LimitTable.All.Select(limit => (limit.What, limit.Of)));
    }

    [Fact]
    public void A_limit_is_read_by_who_has_it()
    {
        var names = typeof(Limits).GetFields(AllFields).Where(field => field.FieldType == typeof(Limit)).Select(field => field.Name);
        var used = SourceFile.All.Where(file => file.Folder != "SoftSwitch.Forwarding.Budgets").Select(file => file.Text).ToList();
        var constants = typeof(Limits).GetFields(AllFields).Where(field => field.IsLiteral)
            .ToLookup(field => (int)field.GetRawConstantValue()!, field => field.Name);
        Assert.All(names, name =>
        {
            var most = ((Limit)typeof(Limits).GetField(name)!.GetValue(null)!).Most;
            Assert.Contains(constants[most].Append(name),
                word => used.Exists(text => text.Contains($"Limits.{word}", StringComparison.Ordinal)));
        });
    }

    [Fact]
    public void What_a_port_shares_with_others_has_a_port_s_own_limit_or_takes_from_who_has_most() =>
        Assert.All(LimitTable.All.Where(limit => limit.Of is Holder.Network or Holder.Switch),
            limit => Assert.True(limit.Then is AtLimit.MostGivesUpOldest or AtLimit.MostGivesUpLeast, limit.What));

    [Fact]
    public void What_can_grow_with_frames_has_a_limit()
    {
        var files = SourceFile.All.Where(file => file.Folder.StartsWith("SoftSwitch.Forwarding", StringComparison.Ordinal)).ToList();
        var without = typeof(Limits).Assembly.GetTypes()
            .Where(type => !type.Name.Contains('<') && type.GetFields(AllFields).Any(field => s_growing.Contains(field.FieldType.Name)))
            .Select(type => type.Name.Split('`')[0]).Where(name => !s_bounded.ContainsKey(name) && !ReadsLimit(name)).ToList();
        Assert.Empty(without);

        bool ReadsLimit(string name) => files.Exists(file => file.Text.Contains("Limits.", StringComparison.Ordinal)
            && (file.Name == $"{name}.cs" || file.Name.StartsWith($"{name}.", StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"new Limit\(|\bLimit \w+ = new\(|\bLimit \w+ =>\s+new\(")]
    private static partial Regex NewLimit();
}
