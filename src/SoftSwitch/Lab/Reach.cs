namespace SoftSwitch.Lab;

/// <summary>Who reached whom, by one IP version. Each cell is written by one thread, and read when all have ended.</summary>
/// <param name="family">For people: IPv4 or IPv6.</param>
/// <param name="stations">All of them; a row asks, a column answers.</param>
internal sealed class Reach(string family, IReadOnlyList<LabStation> stations)
{
    private readonly bool[,] _all = new bool[stations.Count, stations.Count];
    private readonly bool[,] _any = new bool[stations.Count, stations.Count];

    public string Family => family;

    /// <param name="asker">Who asked.</param>
    /// <param name="answerer">Who was asked.</param>
    /// <param name="all">Each of its addresses answered.</param>
    /// <param name="any">One of its addresses answered.</param>
    public void Record(LabStation asker, LabStation answerer, bool all, bool any)
    {
        _all[asker.Number, answerer.Number] = all;
        _any[asker.Number, answerer.Number] = any;
    }

    public bool IsAsExpected(LabStation asker, LabStation answerer) =>
        asker == answerer || (asker.MustReach(answerer) ? _all[asker.Number, answerer.Number] : !_any[asker.Number, answerer.Number]);

    /// <summary>A line for each pair that is not as the file says.</summary>
    public IEnumerable<string> Differences() =>
        from asker in stations
        from answerer in stations
        where !IsAsExpected(asker, answerer)
        select asker.MustReach(answerer)
            ? $"{asker.Name} does not reach {answerer.Name} over {family}, though both are on network {asker.Network.Name}"
            : $"{asker.Name} (network {asker.Network.Name}) reaches {answerer.Name} (network {answerer.Network.Name}) over {family}, which the file keeps apart";
}
