using System.Collections.Frozen;
using SoftSwitch.Bounds;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>
/// Finds the address of the guest behind a port, for the forwards that lead to the port by its name. A guest that only waits says
/// nothing, so it is asked:
/// <code>
///   known      the addresses it was last known by, a few; the latest is the target at once, before anybody has answered
///   asked      the target every few seconds; the others, and those that a packet came from, when that decides something
///   searched   when none of these answers: all addresses of the subnet in turn, slowly, out of this port alone
/// </code>
/// An address counts when it was claimed in ARP by that port. The target gives way to one that spoke later while the target was silent,
/// and at once to any other when it
/// doesn't answer any more. Two that live and speak in turns don't take turns as the target: that would end connections each time, so
/// each change makes the next one
/// wait longer. Pure: what was heard and the time come in. Used by the control loop alone.
/// </summary>
internal sealed class GuestAddress
{
    /// <summary>Questions without an answer, a second apart, after which somebody is taken for gone.</summary>
    private const int MostQuestions = 3;

    /// <summary>Of a wide subnet no more is searched than this.</summary>
    private const int MostSearched = 4096;

    private const int MostDoublings = 6;

    private static readonly long s_betweenLooks = Milliseconds(5);
    private static readonly long s_silence = Milliseconds(3);
    private static readonly long s_lives = Milliseconds(4);
    private static readonly long s_betweenSearches = Milliseconds(15);
    private static readonly long s_longestBetweenSearches = Milliseconds(600);
    private static readonly long s_holdDead = Milliseconds(1);
    private static readonly long s_holdLiving = Milliseconds(5);
    private static readonly long s_calm = Milliseconds(600);

    private readonly Ipv4Subnet _subnet;
    private readonly Ipv4Address _gateway;
    private readonly FrozenSet<ushort> _served;
    private readonly List<KnownAddress> _known = [];
    private readonly List<HeardAddress> _heard = [];
    private KnownAddress? _target;
    private bool _wasUp;
    private long _listenedAt;
    private int _changes;
    private int _changesFromLiving;
    private long _changedAt;
    private int _searchAt;
    private long _searchAfter;
    private long _searchPause = s_betweenSearches;
    private int _searches;

    /// <param name="subnet">The network's.</param>
    /// <param name="gateway">The gateway's address.</param>
    /// <param name="remembered">What it was known by, the latest first.</param>
    /// <param name="served">Its UDP ports that are forwarded to.</param>
    public GuestAddress(Ipv4Subnet subnet, Ipv4Address gateway, IEnumerable<Ipv4Address> remembered, IEnumerable<ushort> served)
    {
        (_subnet, _gateway, _served) = (subnet, gateway, served.ToFrozenSet());
        Heard = new(subnet, gateway, _served);
        _known.AddRange(remembered.Where(IsGuest).Distinct().Take(ProgramLimits.KnownAddresses.Most)
            .Select(address => new KnownAddress { Address = address }));
        _target = _known.FirstOrDefault();
    }

    /// <summary>It is sought there, and heard so.</summary>
    public bool IsOf(Ipv4Subnet subnet, Ipv4Address gateway, IReadOnlySet<ushort> served) =>
        subnet == _subnet && gateway == _gateway && _served.SetEquals(served);

    /// <summary>To be written by whoever receives from the port.</summary>
    public HeardAddresses Heard { get; }

    /// <summary>Where to forward; null: nobody knows.</summary>
    public Ipv4Address? Address => _target?.Address;

    /// <summary>The target was heard or has answered not long ago, as far as it was asked.</summary>
    public bool Answers => _target is { HasClaimed: true } target && target.Questions < MostQuestions;

    /// <summary>There is no target, and the whole subnet was asked for one.</summary>
    public bool IsInVain => _target is null && _searches > 0;

    /// <summary>What it was known by, the latest first. Only what has answered.</summary>
    public IEnumerable<Ipv4Address> Remembered => _known.Where(one => one.HasClaimed || one == _target)
        .OrderByDescending(one => one == _target).ThenByDescending(one => one.Latest).Select(one => one.Address);

    /// <summary>About once a second.</summary>
    /// <param name="now">The time.</param>
    /// <param name="isUp">The port is up: who is there can be asked.</param>
    /// <param name="isContested">Somebody behind another port claims the target.</param>
    /// <param name="maySearch">There is time for many questions.</param>
    /// <param name="questions">Gets the addresses to ask for behind the port.</param>
    /// <returns>True when it has heard something or decided otherwise: what there is to remember may be another.</returns>
    public bool Tick(Instant now, bool isUp, bool isContested, bool maySearch, ICollection<Ipv4Address> questions)
    {
        var time = now.Milliseconds;
        if (isUp && !_wasUp)
            BeginAnew(time);
        _wasUp = isUp;
        var before = _target;
        var isNews = Listen(time);
        Choose(time, isUp, isContested);
        isNews |= _target != before;
        if (!isUp)
            return isNews;
        foreach (var one in _known)
        {
            if (!IsToBeAsked(one, time, isContested))
                continue;
            one.Asked = time;
            one.Questions++;
            questions.Add(one.Address);
        }
        if (maySearch)
            Search(time, questions);
        return isNews;
    }

    /// <summary>A question for one of the known addresses was not asked: nobody has left it without an answer. It comes again in a
    /// second.</summary>
    public void TakeBack(Ipv4Address address)
    {
        if (_known.Find(one => one.Address == address) is { Questions: > 0 } known)
            known.Questions--;
    }

    /// <summary>The target is another port's for certain.</summary>
    public void Lose()
    {
        if (_target is null)
            return;
        _known.Remove(_target);
        _target = null;
    }

    private static long Milliseconds(int seconds) => seconds * 1000L;

    private bool IsGuest(Ipv4Address address) =>
        _subnet.Contains(address) && address != _gateway && address != _subnet.Address && address != _subnet.Broadcast;

    /// <summary>Somebody else may be plugged in now.</summary>
    private void BeginAnew(long time)
    {
        foreach (var one in _known)
            one.Questions = 0;
        (_searchAt, _searchAfter, _searchPause) = (0, time, s_betweenSearches);
    }

    /// <summary>Takes over what was heard since the last time.</summary>
    /// <returns>True: there was something.</returns>
    private bool Listen(long time)
    {
        var isNews = false;
        _heard.Clear();
        Heard.CopyTo(_heard);
        foreach (var heard in _heard)
        {
            var one = _known.Find(one => one.Address == heard.Address);
            var latest = long.Max(heard.Spoke.Milliseconds, heard.Claimed.Milliseconds);
            if (one is null)
            {
                // It was given up since.
                if (latest < _listenedAt)
                    continue;
                one = new() { Address = heard.Address };
                if (_known.Count == ProgramLimits.KnownAddresses.Most)
                {
                    var oldest = _known.Where(other => other != _target).MinBy(other => other.Latest)!;
                    if (oldest.Latest >= latest)
                        continue;
                    _known.Remove(oldest);
                }
                _known.Add(one);
            }
            isNews |= latest > one.Latest;
            one.Spoke = long.Max(one.Spoke, heard.Spoke.Milliseconds);
            if (heard.Claimed.Milliseconds <= one.Claimed)
                continue;
            // An older word may be its first claim.
            isNews = true;
            one.Claimed = heard.Claimed.Milliseconds;
            one.Questions = 0;
        }
        _listenedAt = time;
        return isNews;
    }

    private void Choose(long time, bool isUp, bool isContested)
    {
        var other = BestOther();
        if (_target is not { } target)
        {
            Take(other);
            return;
        }
        var isGone = target.Questions >= MostQuestions;
        if (isContested && (isGone || !isUp))
        {
            Lose();
            Take(other);
            return;
        }
        // Whether it lives is known when it has answered or not: a change from one that lives makes the next such change wait.
        var lives = target.Questions == 0 && time - target.Claimed < s_lives;
        if (other is null || !(isGone || (lives && other.Spoke > target.Spoke && time - target.Spoke >= s_silence)))
            return;
        if (time - _changedAt >= s_calm)
            (_changes, _changesFromLiving) = (0, 0);
        var (hold, earlier) = isGone ? (s_holdDead, _changes) : (s_holdLiving, _changesFromLiving);
        if (earlier > 0 && time - _changedAt < hold << int.Min(earlier, MostDoublings))
            return;
        Take(other);
        _changes++;
        _changesFromLiving += isGone ? 0 : 1;
        _changedAt = time;
    }

    /// <summary>Of those beside the target that live, who spoke last, or claimed last where none spoke later.</summary>
    private KnownAddress? BestOther()
    {
        KnownAddress? best = null;
        foreach (var one in _known)
        {
            if (one == _target || !one.HasClaimed || one.Questions >= MostQuestions)
                continue;
            if (best is null || (one.Spoke, one.Claimed).CompareTo((best.Spoke, best.Claimed)) > 0)
                best = one;
        }
        return best;
    }

    private void Take(KnownAddress? one)
    {
        _target = one;
        if (one is null)
            return;
        (_searches, _searchPause) = (0, s_betweenSearches);
    }

    private bool IsToBeAsked(KnownAddress one, long time, bool isContested)
    {
        if (time - one.Asked < Milliseconds(1))
            return false;
        if (one.Questions >= MostQuestions)
            return one == _target && time - one.Asked >= s_betweenLooks;
        // Not claimed since it was asked: it is asked again.
        if (one.Questions > 0)
            return true;
        var isDoubted = isContested || _target is null || _target.Questions > 0
            || AnotherSpokeSince(_target);
        return one == _target
            ? time - one.Claimed >= s_betweenLooks || (isDoubted && time - one.Claimed >= Milliseconds(2))
            : one.Spoke > one.Claimed || (isDoubted && time - one.Claimed >= s_betweenLooks);
    }

    private bool AnotherSpokeSince(KnownAddress target)
    {
        foreach (var one in _known)
        {
            if (one != target && one.Spoke > target.Spoke)
                return true;
        }
        return false;
    }

    private void Search(long time, ICollection<Ipv4Address> questions)
    {
        if (Answers || _known.Exists(one => one.Questions < MostQuestions))
        {
            _searchAt = 0;
            return;
        }
        if (time < _searchAfter)
            return;
        var (first, size) = (_subnet.First.Value, _subnet.Last.Value - _subnet.First.Value + 1);
        var count = (int)uint.Min(MostSearched, size);
        // It is most likely near where it was last, or near the gateway: among the same 256 addresses.
        var start = uint.Max((_target?.Address ?? _gateway).Value & ~255u, first) - first;
        for (var asked = 0; asked < ProgramLimits.SearchedAddresses.Most && _searchAt < count; _searchAt++)
        {
            var address = new Ipv4Address(first + (start + (uint)_searchAt) % size);
            if (!IsGuest(address))
                continue;
            questions.Add(address);
            asked++;
        }
        if (_searchAt < count)
            return;
        _searches++;
        (_searchAt, _searchAfter) = (0, time + _searchPause);
        _searchPause = long.Min(_searchPause * 2, s_longestBetweenSearches);
    }
}
