namespace SoftSwitch.State.Changes;

/// <summary>A network or a port that is another under the same name.</summary>
/// <param name="Before">As it is.</param>
/// <param name="After">As it is to be.</param>
/// <param name="Keys">Where the two differ.</param>
internal sealed record NamedChange<T>(T Before, T After, IReadOnlyList<KeyChange> Keys);
