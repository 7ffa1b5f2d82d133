using SoftSwitch.Forwarding.Memory;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// Who has what, and which of his flows an owner would give up first: lists threaded through arrays beside the flows, so that finding the
/// oldest flow of the least worth costs the same whatever there is.
/// <code>
///   owner ──► closed, answered, half open, unanswered, exchange, conversation; each: oldest ◄──► … ◄──► newest
///   (twice: begun outside, begun inside)
/// </code>
/// A flow changes its list a few times in its life. Used under the translator's lock.
/// </summary>
internal sealed unsafe class OwnerTable : IDisposable
{
    /// <summary>More than there are ports in two networks; who comes when all have something is refused.</summary>
    private const int MaximumOwners = 1 << 17;

    private const int ListBits = 4;
    private const uint ListMask = (1 << ListBits) - 1;

    private readonly int _capacity;
    private readonly KeyMap _numbers;
    private readonly NativeTable _ownersTable;
    private readonly NativeTable _placesTable;
    private readonly Owner* _owners;
    private readonly FlowPlace* _places;
    private int _touched;
    private int _free;

    /// <param name="flows">Slots of flows.</param>
    public OwnerTable(int flows, Secrets secrets)
    {
        // Who has a mapping need not have one of its flows.
        _capacity = int.Min(MaximumOwners, 2 * flows);
        _numbers = new(_capacity, secrets);
        _ownersTable = new((long)_capacity * sizeof(Owner));
        _owners = (Owner*)_ownersTable.Start;
        _placesTable = new((long)flows * sizeof(FlowPlace));
        _places = (FlowPlace*)_placesTable.Start;
    }

    /// <summary>Owners that have something.</summary>
    public int Count => _numbers.Count;

    /// <summary>Numbers that were ever used: behind them there is nobody.</summary>
    public int Touched => _touched;

    /// <summary>Bytes of memory beside the flows.</summary>
    public long PlacesSize => _placesTable.Size;

    // SAFETY: numbers come from Find and Acquire, and from places that Add has filled: below the capacity.
    public Owner* At(int number) => _owners + number;

    /// <summary>An owner's number, or -1.</summary>
    public int Find(ulong key) => (int)_numbers[key] - 1;

    /// <summary>An owner's number, given now if there was none; -1 when there are too many. Who has nothing is to be released.</summary>
    public int Acquire(ulong key)
    {
        var number = Find(key);
        if (number >= 0)
            return number;
        if (_free != 0)
        {
            number = _free - 1;
            _free = _owners[number].Flows;
        }
        else if (_touched < _capacity)
        {
            number = _touched++;
        }
        else
        {
            return -1;
        }
        _owners[number] = default;
        _owners[number].Key = key;
        _numbers.Set(key, (uint)number + 1);
        return number;
    }

    /// <summary>Forgets an owner that has nothing.</summary>
    public void Release(int number)
    {
        var owner = _owners + number;
        if (owner->Flows != 0 || owner->Mappings != 0)
            return;
        _numbers.Remove(owner->Key);
        owner->Key = Owner.Nobody;
        owner->Flows = _free;
        _free = number + 1;
    }

    /// <summary>Whose a flow is.</summary>
    public int OwnerOf(int flow) => (int)(_places[flow].OwnerAndList >> ListBits);

    /// <summary>The oldest flow of a list, or -1.</summary>
    public int Oldest(int owner, int list) => _owners[owner].Oldest[list] - 1;

    /// <summary>Puts a flow that begins into a list.</summary>
    public void Add(int flow, int owner, int list)
    {
        var place = _places + flow;
        *place = new() { OwnerAndList = (uint)owner << ListBits | (uint)list };
        if (list == Owner.Lists)
            return;
        var lists = _owners + owner;
        lists->AnsweredFromOutside += Owner.ListsOfAnsweredFromOutside >> list & 1;
        place->Older = lists->Newest[list];
        if (place->Older != 0)
            _places[place->Older - 1].Newer = flow + 1;
        else
            lists->Oldest[list] = flow + 1;
        lists->Newest[list] = flow + 1;
    }

    /// <summary>Takes a flow that ends out of its list.</summary>
    public void Remove(int flow)
    {
        var place = _places[flow];
        var list = (int)(place.OwnerAndList & ListMask);
        if (list == Owner.Lists)
            return;
        var lists = _owners + OwnerOf(flow);
        lists->AnsweredFromOutside -= Owner.ListsOfAnsweredFromOutside >> list & 1;
        if (place.Older != 0)
            _places[place.Older - 1].Newer = place.Newer;
        else
            lists->Oldest[list] = place.Newer;
        if (place.Newer != 0)
            _places[place.Newer - 1].Older = place.Older;
        else
            lists->Newest[list] = place.Older;
    }

    /// <summary>Makes a flow the newest of a list.</summary>
    public void Move(int flow, int list)
    {
        var owner = OwnerOf(flow);
        Remove(flow);
        Add(flow, owner, list);
    }

    /// <summary>The list that a flow is in; <see cref="Owner.Lists"/> for none.</summary>
    public int ListOf(int flow) => (int)(_places[flow].OwnerAndList & ListMask);

    public void Dispose()
    {
        _numbers.Dispose();
        _ownersTable.Dispose();
        _placesTable.Dispose();
    }
}
