using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// Random numbers that nobody can foresee, taken from the kernel some at a time; or, with a seed, the same ones in every run. Used under a
/// lock.
/// </summary>
internal sealed class Secrets(int? seed)
{
    private readonly Random? _repeatable = seed is { } value ? new Random(value) : null;
    private readonly byte[] _bytes = new byte[512];
    private int _used = 512;

    public ulong Next()
    {
        if (_used == _bytes.Length)
        {
            if (_repeatable is null)
                RandomNumberGenerator.Fill(_bytes);
            else
                _repeatable.NextBytes(_bytes);
            _used = 0;
        }
        var value = MemoryMarshal.Read<ulong>(_bytes.AsSpan(_used));
        _used += sizeof(ulong);
        return value;
    }

    /// <summary>From 0 to <paramref name="limit"/> - 1.</summary>
    public int Below(int limit) => (int)((Next() >> 32) * (ulong)limit >> 32);
}
