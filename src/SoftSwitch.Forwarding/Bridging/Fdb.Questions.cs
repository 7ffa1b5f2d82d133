using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>What ARP's questions for an address of <see cref="AddressPlaces"/> need. No lock is taken: a question that is written to a
/// place which has just changed hands makes one of the next for all, and no more.</summary>
public sealed partial class Fdb
{
    /// <summary>The slot that an address is behind, however long it was silent; 0: nobody has said it.</summary>
    /// <param name="owner">The MAC address of who has said it.</param>
    internal ushort Holder(ulong address, out ulong owner)
    {
        owner = 0;
        if (_table.Find(address) is not (var place and >= 0))
            return 0;
        owner = _table.Addresses(place).Owner;
        var word = Volatile.Read(ref _table.Word(place));
        return word >> 16 == address ? (ushort)word : (ushort)0;
    }

    /// <summary>Somebody asks for an address: notes that he has yet to be answered.</summary>
    /// <returns>False: everybody is to be asked, as its holder hasn't answered what he was asked before, or the same one asks again.
    /// </returns>
    internal bool TryAsk(ulong address, ulong asker, Instant now)
    {
        if (_table.Find(address) is not (var place and >= 0))
            return false;
        ref var question = ref _table.Addresses(place).Question;
        var latest = question;
        var next = latest.Next(asker, now, out var isForAll);
        if (next != latest)
            question = next;
        return !isForAll;
    }

    /// <summary>The holder of an address behind a slot speaks to somebody: if that one has asked for it, he has his answer.</summary>
    internal void Answer(ulong address, ushort slot, ulong asker)
    {
        if (_table.Find(address) is not (var place and >= 0) || _table.Word(place) != (address << 16 | slot))
            return;
        ref var question = ref _table.Addresses(place).Question;
        var latest = question;
        if (latest.IsFrom(asker))
            question = latest.Answered;
    }
}
