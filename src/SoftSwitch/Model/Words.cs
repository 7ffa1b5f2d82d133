namespace SoftSwitch.Model;

/// <summary>The words that files, commands and the API use for the enumerations; each list stands in the order of its
/// enumeration.</summary>
public static class Words
{
    public static IReadOnlyList<string> NetworkModes { get; } = ["internal", "bridged", "nat", "host-only"];

    public static IReadOnlyList<string> PollModes { get; } = ["adaptive", "always"];

    public static IReadOnlyList<string> Filterings { get; } = ["endpoint", "address", "address-and-port"];

    public static string Word(this NetworkMode mode) => NetworkModes[(int)mode];

    public static string Word(this PollMode poll) => PollModes[(int)poll];

    public static string Word(this Filtering filtering) => Filterings[(int)filtering];
}
