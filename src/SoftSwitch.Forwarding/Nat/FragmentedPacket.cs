using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>A packet whose fragments are coming: which parts were seen, 8 bytes a bit, and what to do with the rest. Pooled.</summary>
internal sealed class FragmentedPacket
{
    private const int Units = 65_536 / 8;

    private readonly ulong[] _seen = new ulong[Units / 64];
    private int _seenCount;
    private int _end;
    private int _highest;

    public FragmentedPacket() => (OfSender, ByAge) = (new(this), new(this));

    public FragmentKey Key { get; private set; }

    public FragmentFate Fate { get; set; }

    /// <summary>Whose it is, and its place among that one's.</summary>
    public FragmentSender? Sender { get; set; }

    public LinkedListNode<FragmentedPacket> OfSender { get; }

    /// <summary>Its place in the table's list, which is in the order of deadlines.</summary>
    public LinkedListNode<FragmentedPacket> ByAge { get; }

    /// <summary>The moment, in seconds, after which it is forgotten.</summary>
    public uint Deadline { get; private set; }

    /// <summary>Translated: the address that replaces the source or the destination, and the network of the inside host.</summary>
    public Ipv4Address Address { get; set; }

    /// <summary>Translated outbound: the identification outside.</summary>
    public ushort Identification { get; set; }

    public int Policy { get; set; }

    /// <summary>Fragments that wait for the first one.</summary>
    public List<OwnedFrame> Held { get; } = new(4);

    /// <summary>All of it was seen.</summary>
    public bool IsComplete => _end > 0 && _seenCount == _end;

    public void Begin(FragmentKey key, uint deadline)
    {
        Key = key;
        Deadline = deadline;
        Fate = FragmentFate.Waiting;
        Array.Clear(_seen, 0, (_highest + 63) / 64);
        _seenCount = _end = _highest = 0;
    }

    /// <summary>Notes a fragment; false when it overlaps another, reaches behind the packet's end or contradicts it (RFC 5722).</summary>
    public bool Note(in Ipv4Layout fragment)
    {
        int first = fragment.FragmentOffset / 8, length = fragment.PayloadLength, last = first + (length + 7) / 8;
        // All but the last fragment are multiples of 8 bytes, none is empty, and none makes the packet longer than one can be.
        if (length == 0 || (fragment.MoreFragments && length % 8 != 0) || fragment.FragmentOffset + length > ushort.MaxValue - fragment.HeaderLength)
            return false;
        if (!fragment.MoreFragments)
        {
            if (_end != 0 || last < _highest)
                return false;
            _end = last;
        }
        else if (_end != 0 && last > _end)
        {
            return false;
        }
        for (var unit = first; unit < last; unit++)
        {
            ref var word = ref _seen[unit / 64];
            if ((word & 1UL << unit) != 0)
                return false;
            word |= 1UL << unit;
        }
        _seenCount += last - first;
        _highest = int.Max(_highest, last);
        return true;
    }
}
