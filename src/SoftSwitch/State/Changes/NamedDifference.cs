using SoftSwitch.Model;

namespace SoftSwitch.State.Changes;

/// <summary>What becomes of networks, or of ports, which are the same by their names. Those that are in none of the lists stay as they
/// are.</summary>
internal sealed record NamedDifference<T>(IReadOnlyList<T> Added, IReadOnlyList<T> Removed, IReadOnlyList<NamedChange<T>> Changed)
    where T : NamedModel
{
    /// <param name="before">Names unique.</param>
    /// <param name="after">Names unique.</param>
    /// <param name="keys">The keys by which two of one name differ.</param>
    public static NamedDifference<T> Between(IReadOnlyList<T> before, IReadOnlyList<T> after, Func<T, T, IReadOnlyList<KeyChange>> keys)
    {
        (before, after) = Ends.Without(before, after);
        var (was, becomes) = (before.ToDictionary(one => one.Name), after.ToDictionary(one => one.Name));
        return new(
            [.. after.Where(one => !was.ContainsKey(one.Name))],
            [.. before.Where(one => !becomes.ContainsKey(one.Name))],
            [
                .. from one in after
                   where was.TryGetValue(one.Name, out var earlier) && !earlier.Equals(one)
                   select new NamedChange<T>(was[one.Name], one, keys(was[one.Name], one)),
            ]);
    }
}
