using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Services.Dhcp;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux.Endpoints.Outside;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Logging;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>
/// The outside address that servers of DHCP lend to a network: a <see cref="Lessee"/>, and a socket on the LAN where it asks. It stays with
/// the network at a clean end as at any other: it is asked for again at the next start, and never given back. Used by the control loop
/// alone, but for <see cref="Words"/>.
/// </summary>
/// <param name="running">The switch that it is part of.</param>
/// <param name="watch">Tells when there is an answer.</param>
/// <param name="network">Whose it is.</param>
/// <param name="obstacleOf">Why what is lent can't be used on this machine; null: it can.</param>
/// <param name="changed">What is lent is another.</param>
internal sealed class OutsideLease(
    INatSwitch running, IDescriptorWatch watch, string network, Func<HeldLease, string?> obstacleOf, Action changed)
    : ILesseeLink, IDisposable
{
    private readonly Allowance _answers = new(Limits.LeaseAnswers);
    private LeaseSocket? _socket;
    private Lessee? _lessee;
    private LinkInfo? _link;
    private HeldLease? _known;
    private DateTimeOffset? _until;
    private string? _obstacle;
    private bool _rests;
    private volatile string _words = "";
    private volatile string? _refusal;

    /// <summary>The interface where it asks; 0: nowhere yet.</summary>
    public int Index => _link?.Index ?? 0;

    /// <summary>What is lent, to be used, or first asked for on the link; null: nothing.</summary>
    public HeldLease? Lent => _lessee?.Lease ?? _lessee?.Candidate;

    /// <summary>Its MAC.</summary>
    public MacAddress Mac { get; } = running.Macs.Outside(network, default);

    /// <summary>The state, who has lent the address, and until when. Any thread may ask.</summary>
    public string Words => _words;

    /// <summary>What was lent last and couldn't be used, and why; null: nothing. Any thread may ask.</summary>
    public string? Refusal => _refusal;

    /// <summary>Why there is no address; that doesn't change from one question to the next.</summary>
    public string Obstacle => (_lessee?.Ended is { } ended ? $"{ended}: " : "no address yet: ")
        + $"DHCP servers are asked on the LAN of {_link?.Name}" + (_obstacle is null ? "" : $"; {_obstacle}");

    /// <summary>The address is lent, or may be again in a moment.</summary>
    public bool Holds(Ipv4Address address) => _lessee?.Holds(address) == true;

    /// <summary>Asks on an interface; where it does already, follows what becomes of that.</summary>
    /// <exception cref="Linux.SystemCallException">The kernel refused.</exception>
    public void At(LinkInfo link, Instant now)
    {
        var before = _link;
        _link = link;
        if (_socket is not null && before?.Index == link.Index)
        {
            if (link.IsRunning && !before.IsRunning)
                Do(lessee => lessee.LinkIsBack(now), now);
            return;
        }
        Close();
        _socket = LeaseSocket.Open(link.Name, link.Index, Mac, running.BridgeOn(link.Index, link.Name) is not null);
        watch.Watch(_socket.Fd, Hear);
        (_lessee, _known) = (new(Mac, this, Random.Shared), null);
        if (LeaseText.Parse(running.Inherited.TextOf(Key), link.Index) is { } held)
        {
            _lessee.Inherit(held);
        }
        else
        {
            var remembered = running.OutsideLeases.Of(network, link.Name);
            _lessee.Begin(now, remembered?.Address, remembered?.Until > DateTimeOffset.UtcNow);
        }
        Note(now);
    }

    /// <summary>Nobody else on the link has what is lent.</summary>
    public void Accept(Instant now)
    {
        if (_lessee?.Candidate is null)
            return;
        (_refusal, _obstacle) = (null, null);
        _lessee.Accept();
        Note(now);
    }

    /// <summary>Somebody else has it.</summary>
    public void Decline(string taken, Instant now)
    {
        _obstacle = $"{taken}, so what {Lent!.Server} lends was declined";
        _lessee!.Decline(now);
        Note(now);
    }

    /// <summary>About once a second.</summary>
    public void Tick(Instant now)
    {
        if (_rests && _socket is not null)
        {
            _rests = false;
            watch.Watch(_socket.Fd, Hear);
        }
        Do(lessee => lessee.Tick(now), now);
    }

    /// <summary>Leaves what is lent to the program that goes on in this process.</summary>
    /// <exception cref="Linux.SystemCallException">The kernel refused.</exception>
    public void Leave(Inheritance heir)
    {
        _socket?.Hold(heir);
        if (_lessee?.Lease is { } lease)
            heir.Leave(Key, LeaseText.Of(lease, Index));
    }

    private string Key => $"{network} lease";

    public void Say(ReadOnlySpan<byte> frame) => _socket?.Say(frame);

    public string? ObstacleOf(HeldLease lent) => obstacleOf(lent);

    public void Refuse(Ipv4Address server, string why)
    {
        var refusal = $"what the DHCP server {server} lends can't be used: {why}";
        if (refusal != _refusal)
            running.Log.News(LogSubject.OfOutside(network), LogLevel.Warning, refusal);
        _refusal = refusal;
    }

    public void Dispose() => Close();

    /// <summary>Takes answers; more than anybody needs wait for the next second.</summary>
    private void Hear()
    {
        var now = new Instant(Environment.TickCount64);
        Do(lessee =>
        {
            Span<byte> room = stackalloc byte[LeaseSocket.FrameSize];
            while (_socket is { } socket)
            {
                if (!_answers.Take(now))
                {
                    watch.Unwatch(socket.Fd);
                    _rests = true;
                    return;
                }
                if (!socket.TryRead(room, out var frame, out var isSummed))
                    return;
                lessee.Take(frame, isSummed, now);
            }
        }, now);
    }

    /// <summary>Has the lessee do something, and tells what has come of it.</summary>
    private void Do(Action<Lessee> step, Instant now)
    {
        if (_lessee is not { } lessee)
            return;
        var before = Lent;
        step(lessee);
        Note(now);
        if (Lent != before)
            changed();
    }

    private void Note(Instant now)
    {
        if (_lessee?.Lease is { } lease && lease != _known)
        {
            _until = lease.Until == HeldLease.Never ? null
                : DateTimeOffset.UtcNow.AddMilliseconds(lease.Until.Milliseconds - now.Milliseconds);
            running.OutsideLeases.Remember(network, _link!.Name, lease.Address, _until ?? DateTimeOffset.MaxValue);
        }
        _known = _lessee?.Lease;
        _words = Tell();
    }

    private string Tell() => _lessee switch
    {
        { Lease: { } lease, State: var state } => $"leased from {lease.Server} until "
            + (_until is { } until ? $"{until.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z" : "it is given back")
            + (state switch
            {
                LesseeState.Renewing => ", which is asked for more time",
                LesseeState.Rebinding => "; all DHCP servers are asked for more time",
                _ => "",
            }),
        { Candidate: { } candidate } => $"{candidate.Address} is lent by {candidate.Server}: whether somebody else has it is asked",
        null => "not asked for yet",
        _ => _refusal is null ? Obstacle : $"{Obstacle}; {_refusal}",
    };

    private void Close()
    {
        if (_socket is not { } socket)
            return;
        watch.Unwatch(socket.Fd);
        socket.Dispose();
        (_socket, _lessee, _rests) = (null, null, false);
    }
}
