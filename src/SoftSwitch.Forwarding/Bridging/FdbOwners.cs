using System.Runtime.InteropServices;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// Who holds how many places of an <see cref="FdbTable"/>, and in which order they were taken: a doubly linked list of places for each
/// slot, oldest at its end. It makes fair eviction cheap: the port with the most stations, and its oldest, are found without a search.
/// Used under the Fdb's lock alone.
/// </summary>
internal sealed unsafe class FdbOwners
{
    private const int Nobody = -1;

    private readonly int* _newer;
    private readonly int* _older;
    private Owner[] _owners = [];
    private int _largest;

    public FdbOwners(int places)
    {
        _newer = (int*)NativeMemory.AllocZeroed((nuint)places, sizeof(int));
        _older = (int*)NativeMemory.AllocZeroed((nuint)places, sizeof(int));
    }

    ~FdbOwners()
    {
        NativeMemory.Free(_newer);
        NativeMemory.Free(_older);
    }

    /// <summary>Places taken by all together.</summary>
    public int Total { get; private set; }

    /// <summary>Makes room for slots up to <paramref name="slot"/>.</summary>
    public void Reserve(int slot)
    {
        var before = _owners.Length;
        if (slot < before)
            return;
        Array.Resize(ref _owners, int.Max(slot + 1, before * 2));
        for (var i = before; i < _owners.Length; i++)
            _owners[i] = new() { Newest = Nobody, Oldest = Nobody };
    }

    public int Count(ushort slot) => slot < _owners.Length ? _owners[slot].Count : 0;

    /// <summary>The place that a slot took first, or -1.</summary>
    public int Oldest(ushort slot) => slot < _owners.Length ? _owners[slot].Oldest : Nobody;

    /// <summary>The slot with the most places; on a tie, any of them.</summary>
    public ushort Largest()
    {
        if (_owners[_largest].Count >= Total - _owners[_largest].Count)
            return (ushort)_largest;
        for (var slot = 0; slot < _owners.Length; slot++)
        {
            if (_owners[slot].Count > _owners[_largest].Count)
                _largest = slot;
        }
        return (ushort)_largest;
    }

    public void Add(ushort slot, int place)
    {
        ref var owner = ref _owners[slot];
        _newer[place] = Nobody;
        _older[place] = owner.Newest;
        if (owner.Newest == Nobody)
            owner.Oldest = place;
        else
            _newer[owner.Newest] = place;
        owner.Newest = place;
        owner.Count++;
        Total++;
        if (owner.Count > _owners[_largest].Count)
            _largest = slot;
    }

    public void Remove(ushort slot, int place)
    {
        ref var owner = ref _owners[slot];
        int newer = _newer[place], older = _older[place];
        if (newer == Nobody)
            owner.Newest = older;
        else
            _older[newer] = older;
        if (older == Nobody)
            owner.Oldest = newer;
        else
            _newer[older] = newer;
        owner.Count--;
        Total--;
    }

    private struct Owner
    {
        public int Newest;
        public int Oldest;
        public int Count;
    }
}
