namespace SoftSwitch.State;

/// <summary>All that isn't as the file has it, looked up by what it is. Made when it is first asked; any thread.</summary>
/// <param name="all">Gives all of it.</param>
internal sealed class RunTimeOrigins(Func<IEnumerable<RunTimeOrigin>> all)
{
    private readonly Lazy<Dictionary<(string What, string Name), RunTimeOrigin>> _all =
        new(() => all().ToDictionary(one => (one.What, one.Name)));

    public static RunTimeOrigins None { get; } = new(static () => []);

    public IEnumerable<RunTimeOrigin> All => _all.Value.Values;

    public RunTimeOrigin? OfNetwork(string name) => _all.Value.GetValueOrDefault(("network", name));

    public RunTimeOrigin? OfPort(string name) => _all.Value.GetValueOrDefault(("port", name));

    /// <param name="name">Network, ports and, where it is for one alone, address.</param>
    public RunTimeOrigin? OfForward(string name) => _all.Value.GetValueOrDefault(("forward", name));
}
