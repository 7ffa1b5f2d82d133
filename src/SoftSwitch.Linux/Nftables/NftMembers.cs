namespace SoftSwitch.Linux.Nftables;

/// <summary>A set of a table of ours, and what is in it by now.</summary>
/// <param name="table">Its table.</param>
/// <param name="name">The set's; the table has it already.</param>
internal sealed class NftMembers(NftTable table, string name)
{
    private readonly HashSet<NftElement> _now = [];

    /// <summary>Has exactly these in it. What is in it before and after is in it in between, too.</summary>
    /// <exception cref="SystemCallException">The kernel refused; some may be exchanged and others not.</exception>
    public void Exchange(IReadOnlySet<NftElement> wanted)
    {
        foreach (var some in wanted.Where(element => !_now.Contains(element)).ToArray().Chunk(NftChange.MaximumElements))
        {
            table.Commit(some.Aggregate(table.Change(), (change, element) => change.AddElement(name, element)));
            _now.UnionWith(some);
        }
        foreach (var some in _now.Where(element => !wanted.Contains(element)).ToArray().Chunk(NftChange.MaximumElements))
        {
            table.Commit(some.Aggregate(table.Change(), (change, element) => change.RemoveElement(name, element)));
            _now.ExceptWith(some);
        }
    }
}
