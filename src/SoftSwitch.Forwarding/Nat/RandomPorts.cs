namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// Some ports of a range, none twice, from a random one on in steps of a random width: with one width for all, what is taken would cluster.
/// </summary>
internal ref struct RandomPorts(Secrets secrets, int first, int size, int count)
{
    private readonly int _step = StepFor(size, secrets.Below(Steps.Length));
    private int _at = secrets.Below(size);
    private int _left = count;

    /// <summary>Primes.</summary>
    private static ReadOnlySpan<int> Steps =>
        [4099, 7919, 11_003, 15_013, 19_001, 23_003, 27_011, 31_013, 35_023, 39_019, 43_003, 47_017, 51_001, 55_001, 59_009, 63_029];

    public readonly ushort Current => (ushort)(first + _at);

    public readonly RandomPorts GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_left-- <= 0)
            return false;
        _at = (_at + _step) % size;
        return true;
    }

    private static int StepFor(int size, int step) => size % Steps[step] != 0 ? Steps[step] : Steps[(step + 1) % Steps.Length];
}
