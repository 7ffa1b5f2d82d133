using System.Runtime.CompilerServices;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// Whether a station moves, when a port brings its address while it is behind another. Who moves falls silent at its old place; who is
/// robbed, or has a double, is still heard there, or answers when it is asked:
/// <code>
///   its port is down or gone                                             it moves at once
///   it can be asked (it has said an address in ARP, or as in IPv6)       it is asked at its place, three times
///   it can't, and was silent for the ageing time                         it moves at once
///   it can't, and was heard there in the last one or two seconds         it stays
///   then a second passes in which its frames go to its place as before:
///     it was heard there                                                 it stays; that is a strike against the port that claims it
///     it wasn't                                                          it moves, whether the other speaks again or not
///   three strikes                                                        a minute in which that port isn't listened to about it
///   it is heard again at the guest's port that it left                   it goes back: it had never left, or has returned
///   it has left by the LAN, is asked there too, and answers              it goes back
/// </code>
/// Meanwhile the frames that claim it are dropped: forwarded, they would make a switch behind the uplink, or the host, believe them. A
/// reflection (frames of a guest that come back by the uplink) is a claim like any other, and never granted: the guest answers, or was
/// heard a moment before.
/// <para>
/// Nobody's claims take a place of another's: each port has <see cref="Claims"/> of its own, made with its first. Any worker may call; a
/// lock is held, which a station that is where it is known never comes to.
/// </para>
/// </summary>
/// <param name="fdb">Where stations are.</param>
/// <param name="ofAddresses">They are addresses (<see cref="AddressPlaces"/>).</param>
public sealed partial class StationMoves(Fdb fdb, bool ofAddresses = false)
{
    /// <summary>By whole seconds: who was heard in the last or in this one was heard just now.</summary>
    internal const int SecondsHeard = 2;

    private const long Patience = 1_000;
    private const int MostStrikes = 3;
    private const long Bar = 60_000;
    private const long BetweenNews = 600_000;

    /// <summary>Addresses that are said to all in one turn, one of each port before the next of each. The rest waits for the next
    /// look.</summary>
    private const int PartOfTurn = Limits.FramesOfTurnCapacity / 4;

    private readonly Lock _deciding = new();
    private readonly Queue<MoveNews> _news = [];
    private readonly List<MovedAddress> _moved = [];

    /// <summary>Looks again at all claims that wait: who has moved may have said so once. About once a second.</summary>
    public void Tick(BridgeView view, Instant now)
    {
        foreach (var by in view.Ports)
        {
            if (ClaimsOf(by) is not { } claims)
                continue;
            // Workers whose ports claim something wait for it, so for one port at a time.
            lock (_deciding)
            {
                foreach (ref var claim in claims.All)
                {
                    if (claim.IsPending)
                        TellMoved(by, claim, Settle(by, ref claim, fdb.Find(claim.Mac, now), view, now));
                }
            }
        }
    }

    /// <summary>Addresses that have moved, though nobody has heard who has them now: as many as there is room for.</summary>
    internal IReadOnlyList<MovedAddress> TakeMoved()
    {
        lock (_deciding)
        {
            if (_moved.Count == 0)
                return [];
            MovedAddress[] moved = [.. _moved.GroupBy(one => one.By).SelectMany(own => own.Index()).OrderBy(one => one.Index)
                .Select(one => one.Item).Take(PartOfTurn)];
            foreach (var one in moved)
            {
                _moved.Remove(one);
                NoteTold(one.By);
            }
            return moved;
        }
    }

    /// <summary>What is to be told since the last time.</summary>
    public IReadOnlyList<MoveNews> TakeNews()
    {
        lock (_deciding)
        {
            if (_news.Count == 0)
                return [];
            MoveNews[] news = [.. _news];
            _news.Clear();
            foreach (var one in news)
                NoteTold(one.By);
            return news;
        }
    }

    /// <summary>What a port isn't listened to about, and has claimed in the last two minutes: the latest of it. Null: nothing.</summary>
    public MoveNews? WrongAbout(Membership by, Instant now)
    {
        lock (_deciding)
        {
            var (latest, struck) = ((MoveNews?)null, now.Milliseconds - 2 * Bar);
            foreach (var claim in ClaimsOf(by) is { } claims ? claims.All : [])
            {
                if (claim.Strikes >= MostStrikes && claim.Struck > struck)
                    (latest, struck) = (new(by, claim.From!, new MacAddress(claim.Mac), claim.Said), claim.Struck);
            }
            return latest;
        }
    }

    /// <summary>A port has gone down: it claims nothing any more.</summary>
    internal void Forget(Membership by)
    {
        lock (_deciding)
            SetClaims(by, null);
    }

    /// <summary>A port brings the address of a station that is behind another.</summary>
    /// <param name="by">The port.</param>
    /// <param name="mac">The station.</param>
    /// <param name="to">The slot that it would be behind.</param>
    /// <param name="view">Who is up.</param>
    /// <param name="mayAsk">Somebody can ask.</param>
    /// <param name="isAnswer">The frame goes to who asks, and so to nobody who could send it back.</param>
    /// <param name="now">The time.</param>
    /// <param name="ask">The station is to be asked.</param>
    /// <param name="said">An address that it is about.</param>
    /// <param name="owner">Who says that he has it.</param>
    /// <returns>Why it stays; <see cref="DropReason.None"/>: it is where it was heard.</returns>
    internal DropReason Decide(
        Membership by, ulong mac, ushort to, BridgeView view, bool mayAsk, bool isAnswer, Instant now, out Question ask,
        SaidAddress said = default, ulong owner = 0)
    {
        ask = default;
        lock (_deciding)
        {
            var at = fdb.Find(mac, now);
            if (at.Slot == to)
                return DropReason.None;
            if (at.IsStatic)
                return by.Pretences.Refuse(new MacAddress(mac));
            // What a port has said itself it may take back: that of the host has stations of the wire, too.
            if (at.Slot == 0 || at.Slot == by.Slot || view[at.Slot] is not { } place)
            {
                if (!fdb.Move(mac, at.Slot, to, now))
                    fdb.Learn(mac, to, now);
                return DropReason.None;
            }
            if (HasReturned(by, mac, place, isAnswer, now))
            {
                fdb.Move(mac, place.Slot, to, now);
                return DropReason.None;
            }
            var claims = ClaimsOf(by) ?? SetClaims(by, new())!;
            ref var claim = ref claims.Find(mac);
            if (Unsafe.IsNullRef(ref claim))
                claim = ref claims.Add(mac, now.Milliseconds - Patience, now.Milliseconds - Bar);
            if (Unsafe.IsNullRef(ref claim))
                return DropReason.SourceElsewhere;
            (claim.Said, claim.Owner) = (said, owner);
            if (claim.IsPending)
            {
                if (Settle(by, ref claim, at, view, now))
                    return DropReason.None;
                if (claim.IsPending)
                    ask = Ask(by, ref claim, at, now);
                return DropReason.SourceElsewhere;
            }
            if (now.Milliseconds - claim.Since < Patience
                || (claim.Strikes >= MostStrikes && now.Milliseconds - claim.Struck < Bar))
                return DropReason.SourceElsewhere;
            Open(by, ref claim, place, to, at, mayAsk && at.Known.Any, view, now);
            if (claim.IsPending)
                ask = Ask(by, ref claim, at, now);
            return DropReason.SourceElsewhere;
        }
    }

    private void Open(
        Membership by, ref Claim claim, Membership place, ushort to, in Whereabouts at, bool isAsked, BridgeView view, Instant now)
    {
        (claim.Since, claim.From, claim.To, claim.IsGranted) = (now.Milliseconds, place, to, false);
        // A reflection comes back within a moment. Where nobody can be asked, it would be granted if the guest then fell silent.
        if (!isAsked && (int)(now.Seconds - at.Heard) < SecondsHeard)
            return;
        RefuteOthers(by, claim.Mac, at, view, now);
        (claim.IsPending, claim.IsAsked, claim.Questions) = (true, isAsked, 0);
        _isAsking |= isAsked;
        claim.Mark = fdb.Mark(claim.Mac, place.Slot, now);
    }

    /// <summary>The mark of a new claim wipes out that the station was heard: what that says about others' claims is said first.</summary>
    private void RefuteOthers(Membership by, ulong mac, in Whereabouts at, BridgeView view, Instant now)
    {
        foreach (var other in view.Ports)
        {
            if (other == by || ClaimsOf(other) is not { } claims)
                continue;
            ref var claim = ref claims.Find(mac);
            if (!Unsafe.IsNullRef(ref claim) && claim.IsPending && claim.From!.Slot == at.Slot && claim.Mark != at.Heard)
                Strike(other, ref claim, claim.From, now);
        }
    }

    /// <summary>Decides a claim that waits, if it can be decided.</summary>
    /// <returns>True: the station has moved.</returns>
    private bool Settle(Membership by, ref Claim claim, in Whereabouts at, BridgeView view, Instant now)
    {
        var place = claim.From!;
        if (at.Slot != place.Slot || at.IsStatic)
            claim.IsPending = false;
        else if (at.Heard != claim.Mark)
            Strike(by, ref claim, place, now);
        else if (!view.Has(place) || (now.Milliseconds - claim.Since >= Patience && !WaitsForAnswer(claim, now)))
        {
            (claim.IsPending, claim.IsGranted, claim.Since, claim.Strikes) = (false, true, now.Milliseconds, 0);
            return fdb.Move(claim.Mac, place.Slot, claim.To, now);
        }
        return false;
    }

    /// <summary>Who has moved may have said so once, and not been heard: it is said again.</summary>
    private void TellMoved(Membership by, in Claim claim, bool hasMoved)
    {
        if (!hasMoved || !ofAddresses || !HasRoom(by))
            return;
        fdb.NoteOwner(claim.Mac, claim.To, claim.Owner);
        _moved.Add(new(claim.Said, new(claim.Owner), by));
        _isAsking = true;
    }

    /// <summary>What a port has brought about may be said.</summary>
    private bool HasRoom(Membership by)
    {
        var claims = ClaimsOf(by)!;
        if (claims.Untold == Limits.Moves.Most)
            return false;
        claims.Untold++;
        return true;
    }

    private void NoteTold(Membership by)
    {
        if (ClaimsOf(by) is { } claims)
            claims.Untold = int.Max(claims.Untold - 1, 0);
    }

    private Claims? ClaimsOf(Membership member) => ofAddresses ? member.AddressClaims : member.Claims;

    private Claims? SetClaims(Membership member, Claims? claims) => ofAddresses ? member.AddressClaims = claims : member.Claims = claims;

    /// <summary>A station that has left a port is heard there again. What comes by the LAN may be a reflection, unless it is an answer; and
    /// who has claimed the station himself isn't its home.</summary>
    private bool HasReturned(Membership by, ulong mac, Membership place, bool isAnswer, Instant now)
    {
        if ((by.LeadsToLan && !isAnswer) || IsGranted(by, mac) || !WasTakenFrom(by, mac, place))
            return false;
        ref var claim = ref ClaimsOf(place)!.Find(mac);
        claim.IsGranted = false;
        Strike(place, ref claim, by, now);
        return true;
    }

    private bool WasTakenFrom(Membership by, ulong mac, Membership place)
    {
        if (ClaimsOf(place) is not { } claims)
            return false;
        ref var claim = ref claims.Find(mac);
        return !Unsafe.IsNullRef(ref claim) && claim.IsGranted && claim.From == by;
    }

    private bool IsGranted(Membership by, ulong mac)
    {
        if (ClaimsOf(by) is not { } claims)
            return false;
        ref var claim = ref claims.Find(mac);
        return !Unsafe.IsNullRef(ref claim) && claim.IsGranted;
    }

    private void Strike(Membership by, ref Claim claim, Membership at, Instant now)
    {
        claim.IsPending = false;
        if (now.Milliseconds - claim.Struck >= BetweenNews)
            claim.Strikes = 0;
        (claim.Strikes, claim.Struck) = (claim.Strikes + 1, now.Milliseconds);
        if (claim.Strikes < MostStrikes || (claim.IsTold && now.Milliseconds - claim.Told < BetweenNews) || !HasRoom(by))
            return;
        (claim.IsTold, claim.Told) = (true, now.Milliseconds);
        _news.Enqueue(new(by, at, new MacAddress(claim.Mac), claim.Said));
    }
}
