namespace SoftSwitch.Benchmarks;

/// <summary>Stations as a large network has them: addresses with nothing in common, the same in every run.</summary>
internal static class Addresses
{
    /// <summary>Distinct unicast addresses, in the low 48 bits.</summary>
    public static ulong[] Random(int count)
    {
        var random = new Random(1);
        var addresses = new HashSet<ulong>(count);
        while (addresses.Count < count)
            addresses.Add(((ulong)random.NextInt64(1, 1L << 48) & ~0x0100_0000_0000UL) | 0x0200_0000_0000);
        return [.. addresses];
    }
}
