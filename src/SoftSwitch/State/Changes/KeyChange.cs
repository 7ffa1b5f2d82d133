namespace SoftSwitch.State.Changes;

/// <summary>A key that says something else.</summary>
/// <param name="Key">As it stands in the file.</param>
/// <param name="Before">What it said, as it is written; null: it is left out.</param>
/// <param name="After">What it says.</param>
internal sealed record KeyChange(string Key, string? Before, string? After)
{
    public override string ToString() => $"{Key}: {Before ?? "left out"} → {After ?? "left out"}";
}
