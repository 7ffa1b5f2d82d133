using System.Runtime.CompilerServices;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// Whether a station moves, when a port brings its address while it is behind another. Who moves falls silent at its old place; who is
/// robbed, or has a double, is still heard there, or answers when it is asked:
/// <code>
///   its port is down or gone, or it was silent for the ageing time       it moves at once
///   it can be asked (it has said an IPv4 address in ARP)                 it is asked at its place
///   it can't, and was heard there in the last one or two seconds         it stays
///   then a second passes in which its frames go to its place as before:
///     it was heard there                                                 it stays; that is a strike against the port that claims it
///     it wasn't                                                          it moves, whether the other speaks again or not
///   three strikes                                                        a minute in which that port isn't listened to about it
///   within a minute it is heard again at the guest's port that it left   it goes back: it had never left, or has returned
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
public sealed class StationMoves(Fdb fdb)
{
    /// <summary>By whole seconds: who was heard in the last or in this one was heard just now.</summary>
    internal const int SecondsHeard = 2;

    private const long Patience = 1_000;
    private const int MostStrikes = 3;
    private const long Bar = 60_000;
    private const long WayBack = 60_000;
    private const long BetweenNews = 600_000;
    private const int MostNews = 64;

    private readonly Lock _deciding = new();
    private readonly Queue<MoveNews> _news = [];

    /// <summary>Looks again at all claims that wait: who has moved may have said so once. About once a second.</summary>
    public void Tick(BridgeView view, Instant now)
    {
        lock (_deciding)
        {
            foreach (var by in view.Ports)
            {
                if (by.Claims is not { } claims)
                    continue;
                foreach (ref var claim in claims.All)
                {
                    if (claim.IsPending)
                        Settle(by, ref claim, fdb.Find(claim.Mac, now), view, now);
                }
            }
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
            return news;
        }
    }

    /// <summary>A port has gone down: it claims nothing any more.</summary>
    internal void Forget(Membership by)
    {
        lock (_deciding)
            by.Claims = null;
    }

    /// <summary>A port brings the address of a station that is behind another.</summary>
    /// <param name="by">The port.</param>
    /// <param name="mac">The station.</param>
    /// <param name="to">The slot that it would be behind.</param>
    /// <param name="view">Who is up.</param>
    /// <param name="mayAsk">Somebody can ask.</param>
    /// <param name="now">The time.</param>
    /// <param name="ask">The station is to be asked there.</param>
    /// <returns>Why it stays; <see cref="DropReason.None"/>: it is where it was heard.</returns>
    internal DropReason Decide(
        Membership by, ulong mac, ushort to, BridgeView view, bool mayAsk, Instant now, out Whereabouts ask)
    {
        ask = default;
        lock (_deciding)
        {
            var at = fdb.Find(mac, now);
            if (at.Slot == to)
                return DropReason.None;
            if (at.IsStatic)
                return DropReason.SourceTaken;
            // What a port has said itself it may take back: that of the host has stations of the wire, too.
            if (at.Slot == 0 || at.Slot == by.Slot || view[at.Slot] is not { } place)
            {
                if (!fdb.Move(mac, at.Slot, to, now))
                    fdb.Learn(mac, to, now);
                return DropReason.None;
            }
            if (HasReturned(by, mac, place, now))
            {
                fdb.Move(mac, place.Slot, to, now);
                return DropReason.None;
            }
            by.Claims ??= new();
            ref var claim = ref by.Claims.Find(mac);
            if (Unsafe.IsNullRef(ref claim))
                claim = ref by.Claims.Add(mac, now.Milliseconds - Patience);
            if (Unsafe.IsNullRef(ref claim))
                return DropReason.SourceElsewhere;
            if (claim.IsPending)
                return Settle(by, ref claim, at, view, now) ? DropReason.None : DropReason.SourceElsewhere;
            if (now.Milliseconds - claim.Since < Patience
                || (claim.Strikes >= MostStrikes && now.Milliseconds - claim.Struck < Bar))
                return DropReason.SourceElsewhere;
            Open(by, ref claim, place, to, at, mayAsk && at.Addresses != 0, now, ref ask);
            return DropReason.SourceElsewhere;
        }
    }

    private void Open(
        Membership by, ref Claim claim, Membership place, ushort to, in Whereabouts at, bool isAsked, Instant now, ref Whereabouts ask)
    {
        (claim.Since, claim.From, claim.To, claim.IsGranted) = (now.Milliseconds, place, to, false);
        // A reflection comes back within a moment. Where nobody can be asked, it would be granted if the guest then fell silent.
        if (!isAsked && (int)(now.Seconds - at.Heard) < SecondsHeard)
        {
            Strike(by, ref claim, place, now);
            return;
        }
        claim.IsPending = true;
        claim.Mark = fdb.Mark(claim.Mac, place.Slot, now);
        if (isAsked)
            ask = at;
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
        else if (now.Milliseconds - claim.Since >= Patience || !view.Has(place))
        {
            (claim.IsPending, claim.IsGranted, claim.Since, claim.Strikes) = (false, true, now.Milliseconds, 0);
            return fdb.Move(claim.Mac, place.Slot, claim.To, now);
        }
        return false;
    }

    /// <summary>A station that has left a guest's port not long ago is heard there again. What comes by the LAN may be a reflection, and
    /// who has claimed the station himself isn't its home.</summary>
    private bool HasReturned(Membership by, ulong mac, Membership place, Instant now)
    {
        if (by.LeadsToLan || place.Claims is not { } claims || IsGranted(by, mac))
            return false;
        ref var claim = ref claims.Find(mac);
        if (Unsafe.IsNullRef(ref claim) || !claim.IsGranted || claim.From != by || now.Milliseconds - claim.Since >= WayBack)
            return false;
        claim.IsGranted = false;
        Strike(place, ref claim, by, now);
        return true;
    }

    private static bool IsGranted(Membership by, ulong mac)
    {
        if (by.Claims is not { } claims)
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
        if (claim.Strikes < MostStrikes || (claim.IsTold && now.Milliseconds - claim.Told < BetweenNews) || _news.Count == MostNews)
            return;
        (claim.IsTold, claim.Told) = (true, now.Milliseconds);
        _news.Enqueue(new(by, at, new MacAddress(claim.Mac)));
    }
}
