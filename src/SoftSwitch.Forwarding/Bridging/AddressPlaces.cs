using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// Behind which port each IP address is: that by which somebody has said in ARP, or in neighbor discovery, that he has it. Whoever says the
/// same behind another port isn't heard by anybody, as long as the first one is there: one message that all hear would lead to him what
/// others send to the first.
/// <para>
/// An address is a station of its own, whose only words are such messages: where it is and whether it moves is kept and decided by the same
/// code (<see cref="Fdb"/>, <see cref="StationMoves"/>), with places and claims beside those of MAC addresses. It is asked at its place,
/// itself and nobody else. What differs: who has it may move with it, for about that his MAC address was asked; two behind one port, or one
/// on the LAN and one at the host, are no business of ours; and when an address has moved that another was asked for in vain, it is said to
/// all (a takeover is announced only once, when we didn't believe it yet).
/// </para>
/// Any worker may call.
/// </summary>
public sealed class AddressPlaces
{
    private readonly Fdb _places;

    /// <param name="ageing">As that of stations.</param>
    /// <param name="capacity">As many as stations.</param>
    public AddressPlaces(TimeSpan ageing, int capacity)
    {
        _places = new(ageing, capacity);
        Moves = new(_places, ofAddresses: true);
    }

    /// <summary>Decides which addresses move.</summary>
    public StationMoves Moves { get; }

    /// <summary>How long one is remembered whose owner can't be asked.</summary>
    public TimeSpan Ageing
    {
        set => _places.Ageing = value;
    }

    /// <summary>Gives back what was forgotten long ago.</summary>
    public void Sweep(Instant now, int buckets) => _places.Sweep(now, buckets);

    /// <summary>Somebody has said that he has an address, and it isn't forgotten yet.</summary>
    /// <param name="owner">His MAC address.</param>
    /// <param name="slot">That of the port that he is behind.</param>
    internal bool TryFind(Ipv4Address address, Instant now, out MacAddress owner, out ushort slot)
    {
        var at = _places.Find(new SaidAddress(address, default).Key, now);
        (owner, slot) = (new(at.Known.Owner), at.Slot);
        return slot != 0;
    }

    /// <summary>Somebody behind another port has said that he has an address, and it isn't forgotten yet.</summary>
    internal bool IsElsewhere(Ipv6Address address, ushort slot, Instant now) =>
        _places.Find(new SaidAddress(default, address).Key, now).Slot is var at && at != 0 && at != slot;

    /// <summary>The slot of the port behind which somebody has said that he has an address; 0: nobody has.</summary>
    /// <param name="owner">His MAC address.</param>
    internal ushort Holder(Ipv4Address address, out ulong owner) => _places.Holder(new SaidAddress(address, default).Key, out owner);

    /// <summary>Somebody asks who has an address that has a holder.</summary>
    /// <param name="asker">His MAC address.</param>
    /// <returns>False: to ask the holder alone isn't enough: he hasn't answered, or it is asked again within seconds.</returns>
    internal bool TryAsk(Ipv4Address address, ulong asker, Instant now) =>
        _places.TryAsk(new SaidAddress(address, default).Key, asker, now);

    internal void Reserve(ushort slot) => _places.Reserve(slot);

    internal void Flush(ushort slot) => _places.Flush(slot);

    /// <summary>Somebody says that he has an address.</summary>
    /// <param name="turn">His frame is of its burst.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="address">The address.</param>
    /// <param name="asker">Asks who has it.</param>
    /// <param name="view">Who is up.</param>
    /// <param name="isNews">It wasn't known, or that of another, or behind another port.</param>
    /// <returns>Why nobody hears it.</returns>
    internal DropReason Hear(Turn turn, in Frame frame, SaidAddress address, Asker asker, BridgeView view, out bool isNews)
    {
        var (by, now, key, owner) = (turn.Member, turn.Now, address.Key, frame.Source);
        // What the host's port brings of others has come in by the NIC.
        var slot = owner != by.Station?.Value && by.UplinkIn(view) is { } uplink ? uplink.Slot : by.Slot;
        isNews = !_places.Refresh(key, slot, now);
        if (isNews)
        {
            Recall(by, address, key, view, now);
            var at = _places.Find(key, now);
            if (at.Slot == 0)
                _places.Learn(key, slot, now);
            else if (at.Known.Owner == owner || view[at.Slot]?.SharesGroupWith(by) == true)
                _places.Move(key, at.Slot, slot, now);
            else if (Contest(turn, address, owner, asker, view, slot) is var reason and not DropReason.None)
                return reason;
        }
        isNews |= _places.NoteOwner(key, slot, owner);
        _places.Answer(key, slot, frame.Destination);
        return DropReason.None;
    }

    /// <summary>No answer is taken for a reflection: who sends one back sends it with its sender's MAC address, which is refused before it
    /// comes here.</summary>
    private DropReason Contest(Turn turn, SaidAddress address, ulong owner, Asker asker, BridgeView view, ushort slot)
    {
        var reason = Moves.Decide(
            turn.Member, address.Key, slot, view, mayAsk: true, isAnswer: true, turn.Now, out var question, address, owner);
        asker.Ask(turn, question);
        return reason == DropReason.None ? reason : DropReason.AddressElsewhere;
    }

    /// <summary>An address that only the host has heard is behind the uplink. Nobody has heard it just now.</summary>
    private void Recall(Membership by, SaidAddress address, ulong key, BridgeView view, Instant now)
    {
        if (by.LeadsToLan || by.Bridge.Lan is not { } lan || by.SharesGroupWith(lan.Uplink) || !view.Has(lan.Uplink)
            || !lan.Owners.TryGetValue(address, out var owner) || _places.Find(key, now).Slot != 0)
            return;
        _places.Learn(key, lan.Uplink.Slot, now + TimeSpan.FromSeconds(-StationMoves.SecondsHeard));
        _places.NoteOwner(key, lan.Uplink.Slot, owner.Value);
    }
}
