using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// A packet whose fragments are coming: which parts were seen, 8 bytes a bit, and what to do with the rest. Pooled.
/// <para>
/// <b>Copies.</b> A network may double a fragment. The copy has the same offset, length and more-fragments flag as one that came before,
/// and is dropped; the packet goes on (RFC 8200, 4.5; Linux does the same). What the copy carries is not compared: what has crossed isn't
/// kept, and the first of two is the only one that ever crosses, so a receiver can't put together anything else. A fragment that overlaps
/// another in any other way ends the packet.
/// </para>
/// <para>
/// <b>Afterwards.</b> Of a packet that is complete its parts are remembered, with prints of what they carried: a copy that comes late must
/// not begin a packet, whose part it would be when the sender uses the identification again. It is held as if its first fragment were to
/// come. When the first comes as a copy too, the network has doubled the whole packet, and it crosses once more. When anything comes that
/// is no copy, the identification has a new packet, and what was held is dropped.
/// </para>
/// </summary>
internal sealed class FragmentedPacket
{
    private const int Units = 65_536 / 8;

    /// <summary>More than the longest packet has on an Ethernet. A packet in more parts is not remembered.</summary>
    private const int MostParts = 64;

    private readonly ulong[] _seen = new ulong[Units / 64];
    private readonly ulong[] _starts = new ulong[Units / 64];
    private FragmentPart[] _parts = new FragmentPart[MostParts];
    private FragmentPart[] _before = new FragmentPart[MostParts];
    private int _partCount;
    private int _beforeCount;
    private int _seenCount;
    private int _end;
    private int _highest;

    public FragmentedPacket() => (OfSender, ByAge) = (new(this), new(this));

    public FragmentKey Key { get; private set; }

    public FragmentFate Fate { get; set; }

    /// <summary>Where it has its place.</summary>
    public FragmentShares? Shares { get; set; }

    /// <summary>Whose it is, and its place among that one's.</summary>
    public FragmentSender? Sender { get; set; }

    public LinkedListNode<FragmentedPacket> OfSender { get; }

    /// <summary>Its place in the table's list, which is in the order of deadlines.</summary>
    public LinkedListNode<FragmentedPacket> ByAge { get; }

    /// <summary>The moment, in seconds, after which it is forgotten.</summary>
    public uint Deadline { get; set; }

    /// <summary>Translated: the address that replaces the source or the destination.</summary>
    public Ipv4Address Address { get; set; }

    /// <summary>Translated outbound: the identification outside.</summary>
    public ushort Identification { get; set; }

    /// <summary>Translated inbound: the network of the inside host.</summary>
    public int Policy { get; set; }

    /// <summary>Fragments that wait for the first one, each with its layout as it came.</summary>
    public List<(OwnedFrame Frame, Ipv4Layout Fragment)> Held { get; } = new(4);

    /// <summary>All of it was seen.</summary>
    public bool IsComplete => _end > 0 && _seenCount == (_end + 7) / 8;

    /// <summary>One with the same identification was complete not long ago: what comes now may be copies of its parts.</summary>
    public bool IsAfterAnother => _beforeCount > 0;

    /// <summary>Nothing has come since another was complete.</summary>
    public bool IsAtRest => _beforeCount > 0 && _seenCount == 0;

    /// <summary>It comes from a network, or goes there as far as is known.</summary>
    public bool IsOf(int policy) => Key.Owner != 0 ? Key.Policy == policy : Fate == FragmentFate.Translated && Policy == policy;

    /// <summary>Forgets everything and begins.</summary>
    public void Begin(FragmentKey key, uint deadline)
    {
        Key = key;
        Deadline = deadline;
        _beforeCount = 0;
        Clear();
    }

    /// <summary>Remembers the parts of a complete packet and begins with its copies; false when they are too many.</summary>
    public bool Rest()
    {
        if (_partCount > MostParts)
            return false;
        (_before, _parts) = (_parts, _before);
        _beforeCount = _partCount;
        Clear();
        return true;
    }

    /// <summary>A fragment is a copy of one that was a part of the packet before, down to its content as far as its print tells.</summary>
    public bool WasPartBefore(in FragmentPart part) => _before.AsSpan(0, _beforeCount).Contains(part);

    /// <summary>Says what a fragment is, and notes it when it is new.</summary>
    public FragmentKind Note(in Ipv4Layout fragment, in FragmentPart part)
    {
        int first = part.Offset / 8, length = fragment.PayloadLength;
        int last = first + (length + 7) / 8, end = fragment.FragmentOffset + length;
        // All but the last fragment are multiples of 8 bytes, none is empty, and none makes the packet longer than one can be.
        if (length == 0 || (part.HasMore && length % 8 != 0) || end > ushort.MaxValue - fragment.HeaderLength)
            return FragmentKind.Contradiction;
        if (IsCopy(first, last, end, part.HasMore))
            return FragmentKind.Copy;
        if (!part.HasMore)
        {
            if (_end != 0 || last < _highest)
                return FragmentKind.Contradiction;
        }
        else if (_end != 0 && end > _end)
        {
            return FragmentKind.Contradiction;
        }
        for (var unit = first; unit < last; unit++)
        {
            if (Has(_seen, unit))
                return FragmentKind.Contradiction;
        }
        for (var unit = first; unit < last; unit++)
            _seen[unit / 64] |= 1UL << unit;
        _starts[first / 64] |= 1UL << first;
        if (!part.HasMore)
            _end = end;
        if (_partCount < MostParts)
            _parts[_partCount] = part;
        _partCount++;
        _seenCount += last - first;
        _highest = int.Max(_highest, last);
        return FragmentKind.New;
    }

    /// <summary>
    /// A fragment began at this place and ended at that one: none began between them, and the next unit is another's or is missing.
    /// </summary>
    private bool IsCopy(int first, int last, int end, bool hasMore)
    {
        if (!Has(_starts, first) || (hasMore ? Has(_seen, last) && !Has(_starts, last) : end != _end))
            return false;
        for (var unit = first + 1; unit < last; unit++)
        {
            if (!Has(_seen, unit) || Has(_starts, unit))
                return false;
        }
        // What ends where the packet ends is its last fragment, which has no more behind it.
        return !hasMore || end != _end;
    }

    private void Clear()
    {
        Fate = FragmentFate.Waiting;
        var words = (_highest + 63) / 64;
        Array.Clear(_seen, 0, words);
        Array.Clear(_starts, 0, words);
        _partCount = _seenCount = _end = _highest = 0;
    }

    private static bool Has(ulong[] units, int unit) => (units[unit / 64] & 1UL << unit) != 0;
}
