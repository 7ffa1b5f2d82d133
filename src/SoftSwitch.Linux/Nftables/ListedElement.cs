namespace SoftSwitch.Linux.Nftables;

/// <summary>An element of a set or map of nf_tables.</summary>
/// <param name="Key">Its key, as the registers have it.</param>
/// <param name="Last">The last key of a range; null: it is one key.</param>
/// <param name="EndsRange">The range of the element before ends in front of it, and that is all that it says.</param>
/// <param name="Chain">Of a map to verdicts: where to; null: nowhere.</param>
internal sealed record ListedElement(byte[] Key, byte[]? Last, bool EndsRange, string? Chain);
