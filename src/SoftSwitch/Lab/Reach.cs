namespace SoftSwitch.Lab;

/// <summary>Who reached whom, by one IP version. Each row is written by one thread, and read when all have ended.</summary>
/// <param name="plan">The stations; a row asks, a column answers.</param>
/// <param name="isIpv6">The version.</param>
internal sealed class Reach(LabPlan plan, bool isIpv6)
{
    private readonly bool[,] _must = new bool[plan.Stations.Count, plan.Stations.Count];
    private readonly bool[,] _missing = new bool[plan.Stations.Count, plan.Stations.Count];
    private readonly bool[,] _leaked = new bool[plan.Stations.Count, plan.Stations.Count];

    /// <summary>For people.</summary>
    public string Family => isIpv6 ? "IPv6" : "IPv4";

    public bool IsIpv6 => isIpv6;

    public void Record(LabStation asker, LabQuestion question, bool answered)
    {
        var answerer = question.Answerer.Number;
        _must[asker.Number, answerer] |= question.MustAnswer;
        if (question.MustAnswer)
            _missing[asker.Number, answerer] |= !answered;
        else
            _leaked[asker.Number, answerer] |= answered;
    }

    /// <summary>Something must answer there.</summary>
    public bool MustReach(LabStation asker, LabStation answerer) => _must[asker.Number, answerer.Number];

    /// <summary>Something that must answer didn't.</summary>
    public bool IsMissing(LabStation asker, LabStation answerer) => _missing[asker.Number, answerer.Number];

    /// <summary>Something answered that must not.</summary>
    public bool HasLeaked(LabStation asker, LabStation answerer) => _leaked[asker.Number, answerer.Number];

    /// <summary>A line for each pair that is not as the file says.</summary>
    public IEnumerable<string> Differences()
    {
        foreach (var asker in plan.Stations)
        {
            foreach (var answerer in plan.Stations)
            {
                if (IsMissing(asker, answerer))
                    yield return $"{asker.Name} does not reach {answerer.Name} over {Family}, though {Why(asker, answerer)}";
                if (HasLeaked(asker, answerer))
                    yield return $"{asker.Name} ({asker.Place}) reaches {answerer.Name} ({answerer.Place}) over {Family}, "
                        + "which the file keeps apart";
            }
        }
    }

    private static string Why(LabStation asker, LabStation answerer) =>
        asker.IsNeighborOf(answerer)
            ? asker.Network is { } network && answerer.Network is not null ? $"both are on network {network.Name}" : "both are on one wire"
            : $"network {asker.Network?.Name} leads there";
}
