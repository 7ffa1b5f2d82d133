using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints.Outside;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Linux.Nftables;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>
/// <see cref="SharedPorts"/> at one address of the host, on one interface: there the host's stack is kept from answering for them, and
/// those that a program of the host has are the host's. Used by the control loop alone.
/// </summary>
/// <param name="hasPool">Guests leave there, from ports of the pool; else forwards are asked there and nothing more.</param>
internal sealed class GuardedPorts(SharedPorts ports, bool hasPool) : IDisposable
{
    /// <summary>Of a rule that sends more ports elsewhere the pool keeps its own, or guests would have none: that is only told.</summary>
    public const int MostGivenUp = 4_096;

    private readonly SpokenPorts _spoken = new();
    private HostSpeech? _speech;
    private HostPorts? _hostPorts;
    private PortGuard? _guard;
    private string? _guarded;
    private int _index;
    private Redirections? _redirections;
    private HashSet<TransportPort> _kept = [], _elsewhere = [];
    private bool _isElsewhereNew;

    /// <summary>All that may come in for us at the way's address.</summary>
    public IReadOnlyCollection<TransportPorts> At(Ipv4Address address) => [.. Pool, .. ports.ForwardedAt([address])];

    /// <summary>Of that, what guests leave from.</summary>
    public IReadOnlyCollection<TransportPorts> Pool => hasPool ? ports.Pool : [];

    /// <summary>Ports that rules of the host have sent elsewhere.</summary>
    public IReadOnlyList<RedirectedPorts> Redirected { get; private set; } = [];

    /// <summary>Guards the ports that are translated with and forwarded by now, and no others.</summary>
    /// <exception cref="SystemCallException">The kernel refused; what was guarded before still is.</exception>
    public void GuardAgain(Ipv4Address address) => _guard?.Guard(address, Pool, ports.Forwarded);

    /// <summary>Which ports matter has become another: what the host has is to be said anew.</summary>
    public void LookAgain() => _isElsewhereNew = true;

    /// <summary>There are wide ranges, and nobody hears the host speak from them: the wire is to be made anew.</summary>
    public bool IsDeaf => ports.Wide.Count > 0 && _speech is null;

    /// <summary>Guards the ports of an address, before the first packet is translated.</summary>
    /// <exception cref="SystemCallException">Another switch translates with some of them, or the kernel refused.</exception>
    public void Guard(OutsideLink link)
    {
        ports.Claim(this, link, Pool);
        // Translator and guard may be new, and don't know yet which ports the host has.
        _hostPorts?.Dispose();
        _hostPorts = new();
        _redirections?.Dispose();
        _redirections = new();
        (_elsewhere, _isElsewhereNew) = ([], true);
        var (guard, before) = (_guard, default(PortGuard));
        if (guard is null || _guarded != link.Interface)
            (guard, before) = (new(link.Interface), guard);
        try
        {
            guard.Guard(link.Address, Pool, ports.Forwarded);
        }
        catch when (guard != _guard)
        {
            guard.Dispose();
            throw;
        }
        (_guard, _guarded, _index) = (guard, link.Interface, link.Index);
        // What both guard is never without one.
        before?.Dispose();
    }

    /// <summary>Hears the host speak from wide ranges, beside the wire by which it has these addresses; null: there are none.</summary>
    /// <param name="addresses">The way's own, and the others at which forwards are asked there.</param>
    public HostSpeech? Hear(IReadOnlyCollection<Ipv4Address> addresses, Napt translator)
    {
        translator.Spoken = ports.Wide.Count == 0 ? null : _spoken;
        return _speech = ports.Wide.Count == 0 ? null : new(addresses, ports.Wide, _spoken);
    }

    /// <summary>Hears it at others from now on.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void HearAt(IReadOnlyCollection<Ipv4Address> addresses) => _speech?.Hear(addresses, ports.Wide);

    /// <summary>The wire is closed, and nothing is heard any more.</summary>
    public void EndHearing() => _speech = null;

    /// <summary>Looks which ports of the address rules of the host's firewall send elsewhere. They are not ours, as if a program had
    /// them: what comes for them is heard there, and answered.</summary>
    public void FindRedirected(Ipv4Address address)
    {
        if (_redirections?.Poll(address, _guarded!, _index, [.. At(address), .. ports.Wide]) is not { } found)
            return;
        Redirected = found;
        var before = _elsewhere;
        _elsewhere = [.. found.Where(one => one.Ports.Count <= MostGivenUp).SelectMany(one => one.Ports.Each())];
        _isElsewhereNew |= !_elsewhere.SetEquals(before);
    }

    /// <summary>
    /// Ports of the pool that the host has taken meanwhile are the host's, but for those where a guest's flow lives; and those of wide
    /// ranges, which have no listener that would keep them, for what begins.
    /// </summary>
    /// <param name="aliases">The host's other addresses at which forwards are asked by the translator.</param>
    public void GiveWay(Napt translator, IReadOnlyCollection<Ipv4Address> aliases)
    {
        _speech?.Look();
        try
        {
            Exclude(translator, aliases);
        }
        finally
        {
            // What was forgotten is older than this look at the host's sockets.
            _spoken.Age();
        }
    }

    private void Exclude(Napt translator, IReadOnlyCollection<Ipv4Address> aliases)
    {
        if (_hostPorts is null)
            return;
        var isNews = _hostPorts.Poll(translator.OutsideAddress, [.. Pool, .. ports.Wide], aliases, ports.Wide);
        if (isNews || _isElsewhereNew)
            Exclude(translator, _hostPorts);
        else if (_kept.Count == 0)
            return;
        _isElsewhereNew = false;
        // Who had the port first keeps it while his flows live, and what comes for them is heard by no program that has bound it since.
        _kept =
        [
            .. _hostPorts.Listening.Concat(_elsewhere)
                .Where(port => IsInPool(port) && translator.IsHeld(port.Protocol, (ushort)port.Port)),
        ];
        _guard?.Keep(_kept);
        _guard?.Except(_hostPorts.InUse.Except(_kept).ToHashSet());
    }

    private bool IsInPool(TransportPort port) => Pool.Any(range => range.Protocol == port.Protocol && range.Contains(port.Port));

    private void Exclude(Napt translator, HostPorts host)
    {
        var heard = host.InUseAt(_index);
        bool IsHosts(TransportPort port) => heard.Contains(port) || IsInPool(port);
        foreach (var protocol in (ReadOnlySpan<byte>)[IpProtocol.Tcp, IpProtocol.Udp])
        {
            var taken = host.InUse.Where(IsHosts).Concat(_elsewhere).Where(port => port.Protocol == protocol)
                .Select(port => (ushort)port.Port).Distinct();
            translator.ExcludePorts(protocol, [.. taken]);
        }
    }

    /// <summary>Has the host's stack kept from answering until the program that goes on in this process does that.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Hold(Inheritance heir) => _guard?.Hold(heir);

    public void Dispose()
    {
        ports.Release(this);
        _guard?.Dispose();
        _guard = null;
        _hostPorts?.Dispose();
        _hostPorts = null;
        _redirections?.Dispose();
        _redirections = null;
    }
}
