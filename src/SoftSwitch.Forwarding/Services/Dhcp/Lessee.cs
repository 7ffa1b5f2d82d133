using System.Security.Cryptography;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;

namespace SoftSwitch.Forwarding.Services.Dhcp;

/// <summary>
/// A client of DHCP (RFC 2131, 4.4) that has an address for one MAC from the servers on a link: frames in, frames out, and the time as an
/// argument.
/// <code>
///   Selecting   discover  ── offer ──► Requesting   request ── ack ──► Checking ── Accept ──► Bound
///   Rebooting   request   ── ack ────────────────────────────────────►    │                    │ T1
///                                                                      Decline             Renewing   request to the server
///   Resting ◄── nak, from wherever ── and ◄───────────────────────────────┘                    │ T2   ── ack ──► Bound
///      └──────► Selecting ◄──────────────────────────────── the lease has ended ────────── Rebinding  request to everybody
/// </code>
/// Whether somebody else has the address its owner finds out (RFC 5227), and says it with <see cref="Accept"/> or <see cref="Decline"/>.
/// The first offer that can be used is taken; one of a server whose last offer came to nothing only when nobody else makes one. An address
/// is never given back: whoever comes again soon has it again.
/// <para>One thread. Nothing here grows, whatever is answered.</para>
/// </summary>
/// <param name="mac">The client's, by which servers know it.</param>
/// <param name="link">Where it asks.</param>
/// <param name="random">Parts clients that began together.</param>
public sealed class Lessee(MacAddress mac, ILesseeLink link, Random random)
{
    /// <summary>How often an offer is taken, and an earlier address asked for, until all begins anew.</summary>
    private const int Requests = 4, Reboots = 2;

    /// <summary>What RFC 2131, 3.1 wants after a decline.</summary>
    private static readonly TimeSpan s_afterDecline = TimeSpan.FromSeconds(10);

    /// <summary>So long its owner may take to find out who has an address; what it can't find out is declined.</summary>
    private static readonly TimeSpan s_check = TimeSpan.FromSeconds(30);

    /// <summary>A lease is asked for again after half of what is left, but not sooner than this (RFC 2131, 4.4.5), or, of one of a few
    /// minutes, than this part of it.</summary>
    private static readonly TimeSpan s_leastBetween = TimeSpan.FromSeconds(60);

    private const int LeastPart = 8;

    private readonly Backoff _asking = new(random), _refused = new(random);
    private Instant _began, _next;
    private uint _transaction;
    private Ipv4Address? _wish, _disappointing;
    private HeldLease? _offer;

    public LesseeState State { get; private set; } = LesseeState.Resting;

    /// <summary>What may be used; null: nothing.</summary>
    public HeldLease? Lease { get; private set; }

    /// <summary>What is lent, and is to be accepted or declined; null: nothing.</summary>
    public HeldLease? Candidate { get; private set; }

    /// <summary>Why the last lease has ended; null: none has.</summary>
    public string? Ended { get; private set; }

    /// <summary>An address is ours, or may be again in a moment: it was, and is asked for.</summary>
    public bool Holds(Ipv4Address address) =>
        address == (Lease ?? Candidate)?.Address || (State == LesseeState.Rebooting && address == _wish);

    /// <summary>Begins to ask.</summary>
    /// <param name="before">The address that it had before; null: none is known.</param>
    /// <param name="isLent">The lease of that hasn't ended.</param>
    public void Begin(Instant now, Ipv4Address? before, bool isLent)
    {
        (_wish, Lease, Candidate) = (before, null, null);
        if (before is null || !isLent)
            Select(now);
        else
            Ask(LesseeState.Rebooting, now);
    }

    /// <summary>Goes on with what was lent to it before: to who had it without a break.</summary>
    public void Inherit(HeldLease lease) => (_wish, Lease, Candidate, State) = (lease.Address, lease, null, LesseeState.Bound);

    /// <summary>The link was away, and another may be there now: who asks begins anew, and what was lent is used on, but everybody is asked
    /// for it, as a server of another network refuses it.</summary>
    public void LinkIsBack(Instant now)
    {
        if (Lease is not null)
        {
            Renew(LesseeState.Rebinding, now);
            _asking.Restart();
            _asking.Ask(now);
            _next = _asking.Next;
        }
        else if (Candidate is null)
        {
            Begin(now, _wish, isLent: State == LesseeState.Rebooting);
        }
    }

    /// <summary>Nobody else has the address.</summary>
    public void Accept()
    {
        (Lease, Candidate) = (Candidate ?? throw new InvalidOperationException("there is nothing to accept"), null);
        (_wish, _disappointing) = (Lease.Address, null);
        _refused.Restart();
        State = LesseeState.Bound;
    }

    /// <summary>Somebody else has it.</summary>
    public void Decline(Instant now)
    {
        var declined = Candidate ?? throw new InvalidOperationException("there is nothing to decline");
        (Candidate, _wish) = (null, null);
        Say(new(DhcpMessageType.Decline, mac, NewTransaction(), 0) { Wish = declined.Address, Server = declined.Server });
        Rest(now + s_afterDecline);
    }

    /// <summary>Takes a frame.</summary>
    /// <param name="isSummed">Its checksum is complete.</param>
    public void Take(ReadOnlySpan<byte> frame, bool isSummed, Instant now)
    {
        if (!LeaseAnswer.TryRead(frame, isSummed, mac, _transaction, out var answer) || !Awaits(answer))
            return;
        if (answer.Type == DhcpMessageType.Nak)
        {
            BeRefused(answer.Server, now);
            return;
        }
        if (Read(answer, now) is not { } lent)
            return;
        if (answer.Type == DhcpMessageType.Offer)
        {
            _offer = lent;
            Ask(LesseeState.Requesting, now);
        }
        else if (Lease is not null)
            (Lease, State) = (lent, LesseeState.Bound);
        else
            (Candidate, State, _next) = (lent, LesseeState.Checking, now + s_check);
    }

    /// <summary>Does what has become due: to be called about once a second.</summary>
    public void Tick(Instant now)
    {
        if ((Lease ?? Candidate) is { } held && now.Milliseconds >= held.Until.Milliseconds)
        {
            End($"the lease of {held.Address} has ended, and no server has prolonged it");
            Select(now);
        }
        else if (State == LesseeState.Checking && IsPast(now, _next))
        {
            link.Refuse(Candidate!.Server, $"whether somebody else has {Candidate.Address} could not be found out");
            Decline(now);
        }
        else if (State == LesseeState.Bound && IsPast(now, Lease!.Renew))
            Renew(LesseeState.Renewing, now);
        else if (State == LesseeState.Renewing && IsPast(now, Lease!.Rebind))
            Renew(LesseeState.Rebinding, now);
        else if (State is LesseeState.Renewing or LesseeState.Rebinding && IsPast(now, _next))
            SayRenewal(now);
        else if (State == LesseeState.Resting && IsPast(now, _next))
            Select(now);
        else if (IsAsking && IsPast(now, _asking.Next))
            AskAgain(now);
    }

    private bool IsAsking => State is LesseeState.Selecting or LesseeState.Requesting or LesseeState.Rebooting;

    /// <summary>It answers what was asked, and comes from who was asked.</summary>
    private bool Awaits(in LeaseAnswer answer) => (State, answer.Type) switch
    {
        (LesseeState.Selecting, DhcpMessageType.Offer) => answer.Server != _disappointing || _asking.Times > 1,
        (LesseeState.Requesting, DhcpMessageType.Ack or DhcpMessageType.Nak) => answer.Server == _offer!.Server,
        (LesseeState.Renewing, DhcpMessageType.Ack or DhcpMessageType.Nak) => answer.Server == Lease!.Server,
        (LesseeState.Rebooting or LesseeState.Rebinding, DhcpMessageType.Ack or DhcpMessageType.Nak) => true,
        _ => false,
    };

    /// <summary>What an answer lends, if it can be used.</summary>
    private HeldLease? Read(in LeaseAnswer answer, Instant now)
    {
        var asked = State == LesseeState.Requesting ? _offer!.Address : State == LesseeState.Selecting ? null : Lease?.Address ?? _wish;
        var lent = answer.Lend(answer.Type == DhcpMessageType.Ack ? _began : now, out var refusal);
        if (asked is { } address && answer.Address != address)
            refusal = $"{answer.Address} is another address than {address}, which was asked for";
        refusal ??= lent is null ? null : link.ObstacleOf(lent);
        if (refusal is null)
            return lent;
        link.Refuse(answer.Server, refusal);
        return null;
    }

    /// <summary>All begins anew: the first time at once, then less and less often.</summary>
    private void BeRefused(Ipv4Address server, Instant now)
    {
        if (State == LesseeState.Requesting)
            _disappointing = server;
        if ((Lease?.Address ?? (State == LesseeState.Rebooting ? _wish : null)) is { } address)
            End($"{server} says that {address} is not ours any more");
        _wish = null;
        _refused.Ask(now);
        if (_refused.Times == 1)
            Select(now);
        else
            Rest(_refused.Next);
    }

    private void End(string why) => (Ended, Lease, Candidate) = (why, null, null);

    private void Rest(Instant until) => (State, _next) = (LesseeState.Resting, until);

    private void Select(Instant now) => Ask(LesseeState.Selecting, now);

    /// <summary>Begins to ask something else.</summary>
    private void Ask(LesseeState state, Instant now)
    {
        // The request that takes an offer has the offer's number (RFC 2131, 4.4.1).
        if (state != LesseeState.Requesting)
            NewTransaction();
        (State, _began) = (state, now);
        _asking.Restart();
        AskOnce(now);
    }

    private void AskAgain(Instant now)
    {
        var isGivenUp = _asking.Times >= (State switch
        {
            LesseeState.Requesting => Requests,
            LesseeState.Rebooting => Reboots,
            _ => int.MaxValue,
        });
        if (isGivenUp && State == LesseeState.Requesting)
            _disappointing = _offer!.Server;
        if (isGivenUp)
            Select(now);
        else
            AskOnce(now);
    }

    private void AskOnce(Instant now)
    {
        _asking.Ask(now);
        Say(State switch
        {
            LesseeState.Selecting => Question(DhcpMessageType.Discover, now) with { Wish = _wish },
            LesseeState.Requesting => Question(DhcpMessageType.Request, now) with { Wish = _offer!.Address, Server = _offer.Server },
            LesseeState.Rebooting => Question(DhcpMessageType.Request, now) with { Wish = _wish },
            _ => throw new InvalidOperationException($"nothing is asked while {State}"),
        });
    }

    private void Renew(LesseeState state, Instant now)
    {
        NewTransaction();
        (State, _began) = (state, now);
        SayRenewal(now);
    }

    private void SayRenewal(Instant now)
    {
        var (held, isRenewing) = (Lease!, State == LesseeState.Renewing);
        var left = TimeSpan.FromMilliseconds((isRenewing ? held.Rebind : held.Until).Milliseconds - now.Milliseconds);
        var least = held.Length / LeastPart < s_leastBetween ? held.Length / LeastPart : s_leastBetween;
        _next = now + (left / 2 > least ? left / 2 : least);
        Say(Question(DhcpMessageType.Request, now) with { Own = held.Address, To = isRenewing ? (held.ServerMac, held.Server) : null });
    }

    private LeaseQuestion Question(DhcpMessageType type, Instant now) =>
        new(type, mac, _transaction, (ushort)long.Min((now.Milliseconds - _began.Milliseconds) / 1000, ushort.MaxValue));

    private void Say(in LeaseQuestion question)
    {
        Span<byte> frame = stackalloc byte[LeaseQuestion.Size];
        question.Write(frame);
        link.Say(frame);
    }

    /// <summary>Nobody who doesn't hear it can guess it.</summary>
    private uint NewTransaction()
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        RandomNumberGenerator.Fill(bytes);
        return _transaction = BitConverter.ToUInt32(bytes);
    }

    private static bool IsPast(Instant now, Instant moment) => now.Milliseconds >= moment.Milliseconds;
}
