using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints.Outside;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Linux.Relays;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>
/// The ports of the host's address that a translation uses as well: the host's stack is kept from answering for them, and those that a
/// program of the host has are the host's. Used by the control loop alone.
/// </summary>
internal sealed class SharedPorts(IReadOnlyList<NatNetwork> networks) : IDisposable
{
    private readonly TransportPorts[] _pool = [.. networks.Select(network => network.Nat.Outside.Ports).Distinct().SelectMany(Ports)];
    private readonly TransportPorts[] _wide =
        [.. networks.SelectMany(network => network.Nat.Forwards).Select(forward => forward.From).Where(range => range.IsWide)];
    private readonly TransportPorts[] _forwards =
        [.. networks.SelectMany(network => network.Nat.Forwards).Select(forward => forward.From)];
    private readonly SpokenPorts _spoken = new();
    private HostSpeech? _speech;
    private HostPorts? _hostPorts;
    private PoolClaim? _claim;
    private PortGuard? _guard;
    private string? _guarded;
    private int _index;
    private HashSet<TransportPort> _kept = [];

    /// <summary>What is forwarded, but for the ports that a program of the host has had before.</summary>
    public IReadOnlyCollection<TransportPorts> Forwarded { get; private set; } = [];

    /// <summary>The sockets that keep them.</summary>
    public ForwardSockets Sockets { get; } = new();

    /// <summary>What the translation chooses from.</summary>
    public IReadOnlyCollection<TransportPorts> Pool => _pool;

    /// <summary>All that may come in for us.</summary>
    public IReadOnlyCollection<TransportPorts> All => [.. _pool, .. Forwarded];

    /// <summary>Ports that the host's kernel may choose as well: other forwards have a socket that keeps them.</summary>
    public IEnumerable<TransportPorts> ChosenByHost => [.. _pool, .. _wide];

    /// <summary>
    /// Looks whether somebody has ports that are to be forwarded on the host's address. Who it is can be told only before privileges are
    /// given up.
    /// </summary>
    /// <param name="model">The configuration.</param>
    /// <param name="isStrict">One that is taken is an obstacle; else it waits, which is told when it can't be had, but of a wide range
    /// here: such a range is forwarded, and that port is the program's as long as it has it.</param>
    /// <param name="log">Told so.</param>
    /// <exception cref="SystemCallException">One is taken; the message says by whom. Or the right to have one is missing.</exception>
    public static void CheckFree(SwitchModel model, bool isStrict, ISwitchLog log)
    {
        var forwarded = ForwardedByHost(model);
        using var sockets = new ForwardSockets();
        sockets.Take(forwarded);
        if (sockets.Refused.Values.FirstOrDefault(refused => isStrict || refused.IsForWantOfRights) is { } obstacle)
            throw obstacle;
        foreach (var taken in ForwardSockets.TakenOfWide(forwarded))
        {
            if (isStrict)
                throw taken;
            log.Write(LogLevel.Warning, $"{taken.Message}: until then that port stays the program's");
        }
    }

    /// <summary>Ports of the host's address that are forwarded.</summary>
    public static TransportPorts[] ForwardedByHost(SwitchModel model) =>
    [
        .. model.Networks.Select(network => network.Nat).OfType<NatModel>().Where(nat => nat.Outside.Address is null)
            .SelectMany(nat => nat.Forwards).Select(forward => forward.From),
    ];

    /// <summary>Takes the forwarded ports that can be had.</summary>
    /// <returns>True when it has got some, or others are refused than before: the guard doesn't know yet.</returns>
    public bool Take()
    {
        var isNews = Sockets.Take([.. _forwards]);
        if (isNews || Forwarded.Count == 0)
            Forwarded = [.. _forwards.SelectMany(range => Without(range, Sockets.Refused.Keys))];
        return isNews;
    }

    /// <summary>The parts of a range beside some ports.</summary>
    public static IEnumerable<TransportPorts> Without(TransportPorts range, IEnumerable<TransportPort> ports)
    {
        var first = range.First;
        foreach (var port in ports.Where(port => port.Protocol == range.Protocol && range.Contains(port.Port))
            .Select(port => port.Port).Order())
        {
            if (port > first)
                yield return range with { First = first, Last = port - 1 };
            first = port + 1;
        }
        if (first <= range.Last)
            yield return range with { First = first };
    }

    /// <summary>Guards the ports that are forwarded by now, too.</summary>
    /// <exception cref="SystemCallException">The kernel refused; what was guarded before still is.</exception>
    public void GuardAgain(Ipv4Address address) => _guard?.Guard(address, _pool, Forwarded);

    /// <summary>Guards the ports of an address, before the first packet is translated.</summary>
    /// <exception cref="SystemCallException">Another switch translates with some of them, or the kernel refused.</exception>
    public void Guard(OutsideLink link)
    {
        if (_index != link.Index || _claim is null)
        {
            _claim?.Dispose();
            _claim = null;
            _claim = PoolClaim.Take(link.Interface, link.Index, [.. _pool, .. _wide]);
        }
        // Translator and guard may be new, and don't know yet which ports the host has.
        _hostPorts?.Dispose();
        _hostPorts = new();
        var (guard, before) = (_guard, default(PortGuard));
        if (guard is null || _guarded != link.Interface)
            (guard, before) = (new(link.Interface), guard);
        try
        {
            guard.Guard(link.Address, _pool, Forwarded);
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

    /// <summary>Hears the host speak from wide ranges, beside the wire by which it has this address; null: there are none.</summary>
    public HostSpeech? Hear(Ipv4Address address, Napt translator)
    {
        translator.Spoken = _wide.Length == 0 ? null : _spoken;
        return _speech = _wide.Length == 0 ? null : new(address, _wide, _spoken);
    }

    /// <summary>The wire is closed, and nothing is heard any more.</summary>
    public void EndHearing() => _speech = null;

    /// <summary>
    /// Ports of the pool that the host has taken meanwhile are the host's, but for those where a guest's flow lives; and those of wide
    /// ranges, which have no listener that would keep them, for what begins.
    /// </summary>
    public void GiveWay(Napt translator)
    {
        _speech?.Look();
        try
        {
            Exclude(translator);
        }
        finally
        {
            // What was forgotten is older than this look at the host's sockets.
            _spoken.Age();
        }
    }

    private void Exclude(Napt translator)
    {
        if (_hostPorts is null)
            return;
        if (_hostPorts.Poll(translator.OutsideAddress, [.. _pool, .. _wide]))
            Exclude(translator, _hostPorts);
        else if (_kept.Count == 0)
            return;
        // Who had the port first keeps it while his flows live, and what comes for them is heard by no program that has bound it since.
        _kept = [.. _hostPorts.Listening.Where(port => IsInPool(port) && translator.IsHeld(port.Protocol, (ushort)port.Port))];
        _guard?.Keep(_kept);
        _guard?.Except(_hostPorts.InUse.Except(_kept).ToHashSet());
    }

    private bool IsInPool(TransportPort port) => _pool.Any(range => range.Protocol == port.Protocol && range.Contains(port.Port));

    private void Exclude(Napt translator, HostPorts host)
    {
        var heard = host.InUseAt(_index);
        bool IsHosts(TransportPort port) => heard.Contains(port) || IsInPool(port);
        foreach (var protocol in (ReadOnlySpan<byte>)[IpProtocol.Tcp, IpProtocol.Udp])
        {
            var taken = host.InUse.Where(port => port.Protocol == protocol && IsHosts(port)).Select(port => (ushort)port.Port);
            translator.ExcludePorts(protocol, [.. taken]);
        }
    }

    public void Dispose()
    {
        _claim?.Dispose();
        _guard?.Dispose();
        _hostPorts?.Dispose();
        Sockets.Dispose();
    }

    private static TransportPorts[] Ports(PortPool pool) =>
        [new(IpProtocol.Tcp, pool.First, pool.Last), new(IpProtocol.Udp, pool.First, pool.Last)];
}
