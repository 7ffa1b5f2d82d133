using System.Numerics;
using SoftSwitch.Forwarding.Memory;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// 64-bit keys and values in native memory of fixed size: open addressing with linear probing, and removal that closes the gap, so nothing
/// ever needs to be cleaned up. The hash is seeded. Keys and values are not 0: a place with value 0 is empty. Used under a lock.
/// </summary>
internal sealed unsafe class KeyMap : IDisposable
{
    private readonly NativeTable _table;
    private readonly KeyMapEntry* _entries;
    private readonly ulong _mask;
    private readonly ulong _seed;
    private readonly ulong _multiplier;

    /// <param name="capacity">Keys at most: whoever adds sees to it. There are at least twice as many places.</param>
    public KeyMap(int capacity, Secrets secrets)
    {
        var places = BitOperations.RoundUpToPowerOf2((ulong)long.Max(2L * capacity, 16));
        _mask = places - 1;
        _table = new((long)places * sizeof(KeyMapEntry));
        _entries = (KeyMapEntry*)_table.Start;
        _seed = secrets.Next();
        _multiplier = secrets.Next() | 1;
    }

    public int Count { get; private set; }

    /// <summary>So many keys come soon.</summary>
    public void Expect(int keys) => _table.Expect(keys);

    /// <summary>A key's value, or 0.</summary>
    public ulong this[ulong key] => _entries[Find(key)].Value;

    /// <summary>Gives a key a value other than 0.</summary>
    public void Set(ulong key, ulong value)
    {
        ref var entry = ref _entries[Find(key)];
        if (entry.Value == 0)
        {
            // With the last empty place would go the end of every search.
            if ((ulong)Count == _mask)
                throw new InvalidOperationException("a map of the translator has more keys than it was made for");
            Count++;
        }
        entry = new() { Key = key, Value = value };
    }

    public void Remove(ulong key)
    {
        var gap = Find(key);
        if (_entries[gap].Value == 0)
            return;
        Count--;
        // Whoever stands behind the gap and would rather stand in it moves there.
        for (var at = (gap + 1) & _mask; _entries[at].Value != 0; at = (at + 1) & _mask)
        {
            var home = Home(_entries[at].Key);
            if (((at - home) & _mask) >= ((at - gap) & _mask))
            {
                _entries[gap] = _entries[at];
                gap = at;
            }
        }
        _entries[gap] = default;
    }

    public void Dispose() => _table.Dispose();

    /// <summary>The key's place, or the empty one where it would be.</summary>
    private ulong Find(ulong key)
    {
        // SAFETY: places are masked to the table's size, and some of them are always empty.
        var at = Home(key);
        while (_entries[at].Value != 0 && _entries[at].Key != key)
            at = (at + 1) & _mask;
        return at;
    }

    private ulong Home(ulong key)
    {
        var high = Math.BigMul(key ^ _seed, _multiplier, out var low);
        return ((high ^ low) * 0x9E37_79B9_7F4A_7C15 >> 24) & _mask;
    }
}
