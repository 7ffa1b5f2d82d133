using SoftSwitch.Logging;

namespace SoftSwitch.State.Nat;

/// <summary>Which networks' flows are recorded, and where. One that comes in place of another knows it until all is written that was
/// recorded for that: a network that has gone has lines left. The control loop makes them; the rest is the flow log's thread's.</summary>
internal sealed class FlowRecords
{
    private readonly Dictionary<int, (NatNetwork Network, FlowRecord File)> _byPolicy;
    private readonly FlowRecord[] _files;
    private volatile FlowRecords? _earlier;

    /// <param name="networks">The networks; those without a file are not recorded.</param>
    /// <param name="earlier">In whose place these come; null: they are the first.</param>
    public FlowRecords(IEnumerable<NatNetwork> networks, FlowRecords? earlier, ISwitchLog log)
    {
        _earlier = earlier;
        NatNetwork[] recorded = [.. networks.Where(network => network.Nat.FlowLog is not null)];
        var files = recorded.Select(network => network.Nat.FlowLog!).Distinct()
            .ToDictionary(path => path, path => earlier?.Files.FirstOrDefault(file => file.Path == path) ?? new FlowRecord(path, log));
        _byPolicy = recorded.ToDictionary(network => network.Policy, network => (network, files[network.Nat.FlowLog!]));
        _files = [.. files.Values];
    }

    /// <summary>All that something may be written to.</summary>
    public IReadOnlyList<FlowRecord> Files => [.. _files.Union(_earlier?.Files ?? [])];

    /// <summary>A network by its number, and its file; null: it isn't recorded.</summary>
    public (NatNetwork Network, FlowRecord File)? Of(int policy) =>
        _byPolicy.TryGetValue(policy, out var record) ? record : _earlier?.Of(policy);

    /// <summary>All is written that was recorded for earlier ones.</summary>
    public void Settle() => _earlier = null;
}
