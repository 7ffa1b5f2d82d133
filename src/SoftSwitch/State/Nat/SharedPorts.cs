using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints.Outside;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>
/// The ports of the host's addresses that a translation uses as well: those of the pool, and the forwarded ones, which have sockets that
/// keep them. At each address they are guarded (<see cref="GuardedPorts"/>). Used by the control loop alone.
/// </summary>
internal sealed class SharedPorts : IDisposable
{
    private readonly Dictionary<GuardedPorts, OutsideLink> _claimants = [];
    private readonly Dictionary<int, PoolClaim> _claims = [];
    private readonly Inheritance _from;
    private TransportPorts[] _pool = [], _wide = [];
    private ForwardedPorts[] _forwards = [];
    private HashSet<ForwardedPorts> _reachedByHost = [];

    /// <param name="networks">How the networks that share them are translated.</param>
    /// <param name="from">What the program before this one has left in this process.</param>
    public SharedPorts(IReadOnlyCollection<NatModel> networks, Inheritance from)
    {
        _from = from;
        Sockets = new(from);
        Know(networks);
    }

    /// <summary>What is forwarded, but for the ports that a program of the host has had before.</summary>
    public IReadOnlyCollection<ForwardedPorts> Forwarded { get; private set; } = [];

    /// <summary>Those of them that the host itself reaches.</summary>
    public IReadOnlyCollection<ForwardedPorts> ForwardedToHost { get; private set; } = [];

    /// <summary>The sockets that keep them.</summary>
    public ForwardSockets Sockets { get; }

    /// <summary>What the translation chooses from.</summary>
    public IReadOnlyCollection<TransportPorts> Pool => _pool;

    /// <summary>The wide forwards.</summary>
    public IReadOnlyCollection<TransportPorts> Wide => _wide;

    /// <summary>What is forwarded at some addresses.</summary>
    public IReadOnlyCollection<TransportPorts> ForwardedAt(IReadOnlyCollection<Ipv4Address> addresses) =>
        [.. Forwarded.Where(range => addresses.Any(range.IsAt)).Select(range => range.Ports)];

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
    public static ForwardedPorts[] ForwardedByHost(SwitchModel model) =>
    [
        .. model.Networks.Select(network => network.Nat).OfType<NatModel>().Where(nat => nat.Outside.SharesHost)
            .SelectMany(nat => nat.Forwards).Select(forward => forward.Outside),
    ];

    /// <summary>Takes the forwarded ports that some networks would have more, all of them or none.</summary>
    /// <param name="networks">How the networks that share them are to be translated.</param>
    /// <param name="elsewhere">Ports that another outside of this switch has, and gives back before these are needed.</param>
    /// <returns>Why some can't be had, one line for each; empty: they are there.</returns>
    public IReadOnlyList<string> Prepare(IReadOnlyCollection<NatModel> networks, IReadOnlySet<ForwardedPort> elsewhere)
    {
        ForwardedPorts[] added = [.. ForwardsOf(networks).Except(_forwards)];
        return
        [
            .. from refused in Sockets.TakeAll([.. Narrow(added).Where(port => !elsewhere.Contains(port))]) select refused.Message,
            .. from taken in ForwardSockets.TakenOfWide(added) select taken.Message,
        ];
    }

    /// <summary>What was prepared isn't needed.</summary>
    public void TakeBack() => Sockets.KeepOnly(Kept);

    /// <summary>Translates for these networks from now on. What isn't forwarded any more is anybody's again; what is new is to be
    /// <see cref="Take"/>n, and told to other switches (<see cref="ClaimAgain"/>).</summary>
    public void Use(IReadOnlyCollection<NatModel> networks)
    {
        Know(networks);
        Sockets.KeepOnly(Kept);
        Divide();
        Unclaim();
    }

    /// <summary>The ports that have a socket, or want one.</summary>
    public IReadOnlySet<ForwardedPort> Kept => Narrow(_forwards).ToHashSet();

    /// <summary>Tells other switches what is translated with by now.</summary>
    /// <exception cref="SystemCallException">Another switch translates with some of it.</exception>
    public void ClaimAgain()
    {
        Unclaim();
        foreach (var there in _claimants.GroupBy(one => one.Value.Index))
            Claim(there.First().Value, [.. there.SelectMany(one => one.Key.Pool).Distinct()]);
    }

    /// <summary>Takes the forwarded ports that can be had.</summary>
    /// <param name="host">What is known of it; null: nothing yet.</param>
    /// <returns>True when it has got some, or others are refused than before: the guard doesn't know yet.</returns>
    public bool Take(HostIpv4? host)
    {
        var isNews = Sockets.Take(_forwards, host);
        if (isNews || Forwarded.Count == 0)
            Divide();
        return isNews;
    }

    /// <summary>
    /// The forwards that the host itself reaches. What it says comes to one address of ours, whichever of its own it has asked: so of
    /// several that have a port, each at an address of its own, it reaches the first of the file.
    /// </summary>
    public static HashSet<ForwardedPorts> ReachedByHost(IEnumerable<NatModel> networks)
    {
        var taken = new[] { IpProtocol.Tcp, IpProtocol.Udp }.ToDictionary(protocol => protocol, _ => new bool[ushort.MaxValue + 1]);
        var reached = new HashSet<ForwardedPorts>();
        foreach (var forward in ForwardsOf(networks))
        {
            var ports = taken[forward.Ports.Protocol].AsSpan(forward.Ports.First, forward.Ports.Count);
            if (ports.Contains(true))
                continue;
            ports.Fill(true);
            reached.Add(forward);
        }
        return reached;
    }

    /// <summary>The parts of a range beside some ports; those of a forward that is for another address are no part of it.</summary>
    public static IEnumerable<TransportPorts> Without(ForwardedPorts forward, IEnumerable<ForwardedPort> ports)
    {
        var range = forward.Ports;
        var first = range.First;
        foreach (var port in ports.Where(port => port.On == forward.On && port.Port.Protocol == range.Protocol
            && range.Contains(port.Port.Port)).Select(port => port.Port.Port).Order())
        {
            if (port > first)
                yield return range with { First = first, Last = port - 1 };
            first = port + 1;
        }
        if (first <= range.Last)
            yield return range with { First = first };
    }

    /// <summary>Tells other switches that an interface's ports are translated with. Several addresses there are one claim.</summary>
    /// <param name="pool">Those that guests leave from there.</param>
    /// <exception cref="SystemCallException">Another switch translates with some of them.</exception>
    public void Claim(GuardedPorts claimant, OutsideLink link, IReadOnlyCollection<TransportPorts> pool)
    {
        if (_claimants.TryGetValue(claimant, out var before) && before.Index == link.Index)
            return;
        Release(claimant);
        Claim(link, pool);
        _claimants.Add(claimant, link);
    }

    private void Claim(OutsideLink link, IReadOnlyCollection<TransportPorts> pool)
    {
        ForwardedPorts[] translated =
            [.. pool.Select(range => new ForwardedPorts(range, null)), .. _forwards.Where(range => range.Ports.IsWide)];
        if (translated.Length > 0 && !_claims.ContainsKey(link.Index))
            _claims.Add(link.Index, PoolClaim.Take(link.Interface, link.Index, translated, from: _from));
    }

    /// <summary>It translates there no more.</summary>
    public void Release(GuardedPorts claimant)
    {
        if (_claimants.Remove(claimant, out var link) && _claimants.Values.All(other => other.Index != link.Index)
            && _claims.Remove(link.Index, out var claim))
            claim.Dispose();
    }

    /// <summary>Leaves them to the program that goes on in this process.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Leave(Inheritance heir)
    {
        Sockets.Leave(heir);
        foreach (var claim in _claims.Values)
            claim.Hold(heir);
    }

    public void Dispose()
    {
        Unclaim();
        Sockets.Dispose();
    }

    private void Unclaim()
    {
        foreach (var claim in _claims.Values)
            claim.Dispose();
        _claims.Clear();
    }

    private void Know(IReadOnlyCollection<NatModel> networks)
    {
        _pool = [.. networks.Select(network => network.Outside.Ports).Distinct().SelectMany(Ports)];
        _forwards = [.. ForwardsOf(networks)];
        _wide = [.. _forwards.Select(forward => forward.Ports).Where(range => range.IsWide)];
        _reachedByHost = ReachedByHost(networks);
    }

    /// <summary>What is forwarded, beside what programs of the host have.</summary>
    private void Divide()
    {
        Forwarded = [.. _forwards.SelectMany(Parts)];
        ForwardedToHost = [.. _forwards.Where(_reachedByHost.Contains).SelectMany(Parts)];

        IEnumerable<ForwardedPorts> Parts(ForwardedPorts range) =>
            Without(range, Sockets.Refused.Keys).Select(part => range with { Ports = part });
    }

    private static IEnumerable<ForwardedPorts> ForwardsOf(IEnumerable<NatModel> networks) =>
        networks.SelectMany(network => network.Forwards).Select(forward => forward.Outside);

    private static IEnumerable<ForwardedPort> Narrow(IEnumerable<ForwardedPorts> forwards) =>
        forwards.Where(range => !range.Ports.IsWide).SelectMany(range => range.Each());

    private static TransportPorts[] Ports(PortPool pool) =>
        [new(IpProtocol.Tcp, pool.First, pool.Last), new(IpProtocol.Udp, pool.First, pool.Last)];
}
