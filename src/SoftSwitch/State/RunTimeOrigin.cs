namespace SoftSwitch.State;

/// <summary>A network, port or forward that isn't as the file has it.</summary>
/// <param name="What">network, port or forward.</param>
/// <param name="Name">Its name; of a forward its network, ports and, where it is for one alone, address.</param>
/// <param name="Is">added, replaced, changed or removed.</param>
/// <param name="Keys">The keys that were said at run time, as JSON.</param>
/// <param name="Expires">When it is as in the file again; null: never.</param>
internal sealed record RunTimeOrigin(string What, string Name, string Is, string Keys, DateTimeOffset? Expires)
{
    /// <summary>By which items of lists say that they aren't the file's.</summary>
    public const string RunTime = "run-time", Changed = "changed";

    /// <summary>Of what runs: it was made at run time, or the file's was changed.</summary>
    public string Origin => Is == Changed ? Changed : RunTime;
}
