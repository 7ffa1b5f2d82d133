using System.Collections.Frozen;
using SoftSwitch.Bounds;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Stations.Neighbors;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Persistence;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State.Nat;

/// <summary>
/// Where the forwards of some networks lead. One to an address is certain, and so is one to a port whose address the file gives; the
/// guest behind any other port is found by <see cref="GuestAddress"/>, and nobody behind another port can claim its address meanwhile
/// (<see cref="AddressBinding"/>). What was found is remembered over a restart. A forward without an address waits, which is said.
/// <para>
/// A second in which nothing happens costs a look at each guest and allocates nothing, however many forwards there are: only those of a
/// guest that has moved are described, told and given to the translators anew. Used by the control loop alone, but for
/// <see cref="Status"/>.
/// </para>
/// </summary>
internal sealed partial class ForwardTargets
{
    /// <summary>Forwards that a line names.</summary>
    private const int MostNamed = 5;

    private readonly Func<IReadOnlyList<PortState>> _current;
    private readonly AddressMemory _memory;
    private readonly ISwitchLog _log;
    private readonly ForwardingNetwork[] _networks;
    private readonly HashSet<ForwardedPorts> _reachedByHost;
    private readonly List<Ipv4Address> _questions = [];
    private volatile ForwardStatus[] _status;
    private IReadOnlyList<PortState>? _ports;
    private int _turn;

    /// <param name="model">The whole model.</param>
    /// <param name="networks">Those whose forwards these are.</param>
    /// <param name="memory">By which addresses guests were known before.</param>
    /// <param name="ports">The ports that live: another list whenever one comes or goes.</param>
    /// <param name="log">Told what waits and what is found.</param>
    /// <param name="earlier">Those in whose place these come: who is found already need not be sought. Left out: there were none.</param>
    public ForwardTargets(
        SwitchModel model, IReadOnlyList<NatNetwork> networks, AddressMemory memory, Func<IReadOnlyList<PortState>> ports, ISwitchLog log,
        ForwardTargets? earlier = null)
    {
        (_current, _memory, _log) = (ports, memory, log);
        _reachedByHost = SharedPorts.ReachedByHost(networks.Select(network => network.Nat));
        ForwardedGuest[] found = [.. earlier?._networks.SelectMany(network => network.Guests) ?? []];
        var named = model.Ports.OfType<InterfaceModel>().Where(port => port.Address is not null)
            .ToDictionary(port => port.Name, port => port.Address!.Value.Address);
        var status = new List<ForwardStatus>();
        _networks = [.. networks.Select(network => Describe(network, named, status, found))];
        _status = [.. status];
        foreach (var network in _networks)
        {
            Bind(network, keepsEarlier: false);
            foreach (var guest in network.Guests)
                Describe(guest, _status);
        }
        foreach (var gone in found.Where(one => !_networks.Any(network => network.Guests.Any(guest => guest.Guest == one.Guest))))
            gone.Forget();
    }

    /// <summary>Ports that a program of the host has: nothing is forwarded from there. To be followed by <see cref="Renew"/>.</summary>
    public IReadOnlyCollection<ForwardedPort> TakenByPrograms { private get; set; } = [];

    /// <summary>Every forward, in the order of the file.</summary>
    public IReadOnlyList<ForwardStatus> Status => _status;

    /// <summary>Looks who is behind the ports that are forwarded to by name, and asks for them.</summary>
    /// <returns>True when there is something that <see cref="ApplyChanged"/> is to tell.</returns>
    public bool Resolve(Instant now)
    {
        FollowPorts();
        _turn++;
        foreach (var network in _networks)
            Resolve(network, now);
        _memory.Tick(now);
        return HasNews;
    }

    /// <summary>Says at start which forwards wait, and which the host itself doesn't reach.</summary>
    public void TellWaiting()
    {
        foreach (var status in _status.Where(status => !_reachedByHost.Contains(status.Forward.Outside)))
        {
            _log.News(LogSubject.OfNetwork(status.Network), LogLevel.Warning,
                $"forward {status.Forward.Outside} is not for the host itself: at another of its addresses the port is forwarded as well, "
                + "and programs of the host reach that one alone");
        }
        foreach (var guest in _networks.SelectMany(network => network.Guests))
            Tell(guest, null);
    }

    /// <summary>Some of the translators are new: everything is to be told.</summary>
    public void Renew()
    {
        foreach (var network in _networks)
            network.IsToBeApplied = true;
    }

    /// <summary>Tells the translators what has changed, and the stations before them what waits. Where that fails, it is still to be
    /// told.</summary>
    public void ApplyChanged(IEnumerable<Outside> outsides, Instant now)
    {
        if (!HasNews)
            return;
        foreach (var outside in outsides)
        {
            outside.Waiting = Waiting(outside.OwnsAddress);
            foreach (var network in _networks.Where(network => network.IsToBeApplied))
                outside.Translator.SetForwards(network.Network.Policy, Of(network.Network.Policy, outside.OwnsAddress), now);
        }
        foreach (var network in _networks)
            network.IsToBeApplied = false;
        _isWaitingOther = false;
    }

    /// <summary>Gives free the addresses that nothing is forwarded to any more: after the translators know it, so that nothing goes to
    /// who claims them then.</summary>
    public void Release()
    {
        foreach (var network in _networks)
        {
            if (network.IsToBeReleased)
                Bind(network, keepsEarlier: false);
        }
    }

    private bool HasNews => _isWaitingOther || Array.Exists(_networks, static network => network.IsToBeApplied);

    /// <summary>Adds a network's forwards to the others.</summary>
    private ForwardingNetwork Describe(
        NatNetwork network, Dictionary<string, Ipv4Address> named, List<ForwardStatus> status, ForwardedGuest[] found)
    {
        var first = status.Count;
        var places = new OrderedDictionary<string, List<int>>();
        foreach (var forward in network.Nat.Forwards)
        {
            var known = forward.Address ?? network.Model.Dhcp?.AddressOf(forward.Port!)
                ?? (named.TryGetValue(forward.Port!, out var address) ? address : null);
            if (known is null && !places.TryAdd(forward.Port!, [status.Count]))
                places[forward.Port!].Add(status.Count);
            status.Add(new(network.Model.Name, forward, known, false));
        }
        return new(network, first..status.Count, [.. places.Select(one => Guest(network, one.Key, one.Value, status, found))]);
    }

    private ForwardedGuest Guest(
        NatNetwork network, string port, List<int> places, List<ForwardStatus> status, ForwardedGuest[] found)
    {
        var served = places.Select(place => status[place].Forward).Where(forward => forward.From.Protocol == IpProtocol.Udp)
            .SelectMany(forward => Enumerable.Range(forward.TargetPort, forward.From.Count)).Select(number => (ushort)number).ToHashSet();
        var name = network.Model.Name;
        return Array.Find(found, guest => guest.Network == name && guest.Port == port) is { } there
                && there.Guest.IsOf(network.Gateway.Subnet, network.Gateway.Address, served)
            ? there.At(places)
            : new(name, port, new(network.Gateway.Subnet, network.Gateway.Address, _memory.Of(name, port), served), places);
    }

    /// <summary>Finds the guests' ports again, where some have come or gone.</summary>
    private void FollowPorts()
    {
        var ports = _current();
        if (ReferenceEquals(ports, _ports))
            return;
        _ports = ports;
        var byName = ports.ToLookup(state => state.Model.Name);
        foreach (var guest in _networks.SelectMany(network => network.Guests))
            guest.State = byName[guest.Port].FirstOrDefault();
    }

    private void Resolve(ForwardingNetwork network, Instant now)
    {
        var guests = network.Guests;
        var asked = 0;
        var isToBeBound = false;
        for (var i = 0; i < guests.Length; i++)
        {
            // Who searched for long lets another begin.
            var guest = guests[(i + _turn) % guests.Length];
            if (Ask(network.Network.Gateway, guest, now, ref asked, out var isContested))
                _memory.Remember(guest.Network, guest.Port, guest.Guest.Remembered);
            isToBeBound |= isContested || guest.Guest.Address != guest.Bound;
        }
        if (isToBeBound)
            Bind(network, keepsEarlier: true);
        Describe(network);
    }

    /// <returns>True when what is remembered of it may be another.</returns>
    private bool Ask(Gateway gateway, ForwardedGuest forwarded, Instant now, ref int asked, out bool isContested)
    {
        var (guest, state) = (forwarded.Guest, forwarded.State);
        var port = state?.Membership;
        if (port is not null && port.Heard != guest.Heard)
            port.Heard = guest.Heard;
        isContested = guest.Address is { } target && gateway.Ipv4Neighbors.Bindings.TryGetValue(target, out var binding)
            && binding.IsContested;
        _questions.Clear();
        var isNews = guest.Tick(now, state is { Status: PortStatus.Up, Membership: not null }, isContested,
            maySearch: asked < ProgramLimits.Searches.Most && gateway.Ipv4Neighbors.Questions < Limits.WaitingQuestions.Most / 2,
            _questions);
        foreach (var address in _questions)
        {
            if (!gateway.Ipv4Neighbors.TryAsk(port!, address))
                guest.TakeBack(address);
        }
        asked += _questions.Count;
        return isNews;
    }

    /// <summary>Binds every target to its port; of two ports with one target the first has it. Who was believed to have it before must
    /// show it again.</summary>
    private void Bind(ForwardingNetwork network, bool keepsEarlier)
    {
        network.IsToBeReleased = keepsEarlier;
        var gateway = network.Network.Gateway;
        var before = gateway.Ipv4Neighbors.Bindings;
        var bindings = new Dictionary<Ipv4Address, AddressBinding>();
        foreach (var guest in network.Guests)
        {
            if (guest.Guest.Address is { } address)
            {
                var isKept = before.TryGetValue(address, out var binding) && binding.Port == guest.Port && !binding.IsContested;
                if (!bindings.TryAdd(address, isKept ? binding! : new(guest.Port)))
                    guest.Guest.Lose();
            }
            guest.Bound = guest.Guest.Address;
        }
        if (keepsEarlier)
        {
            foreach (var (address, binding) in before)
                bindings.TryAdd(address, binding);
        }
        if (bindings.Count == before.Count && bindings.All(one => before.TryGetValue(one.Key, out var binding) && binding == one.Value))
            return;
        gateway.Ipv4Neighbors.Bindings = bindings.ToFrozenDictionary();
        foreach (var (address, binding) in bindings)
        {
            if (!before.TryGetValue(address, out var earlier) || earlier.Port != binding.Port)
                gateway.Ipv4Neighbors.Table.Forget(address);
        }
    }

    /// <summary>Publishes and tells where the forwards lead to the guests that have moved.</summary>
    private void Describe(ForwardingNetwork network)
    {
        ForwardStatus[]? status = null;
        List<(ForwardedGuest Guest, Ipv4Address? Earlier)>? moved = null;
        foreach (var guest in network.Guests)
        {
            var earlier = _status[guest.Forwards[0]];
            if (earlier.Target == guest.Guest.Address && earlier.IsInVain == guest.Guest.IsInVain)
                continue;
            // Replaced whole: the API reads it while this happens.
            Describe(guest, status ??= [.. _status]);
            _memory.Remember(guest.Network, guest.Port, guest.Guest.Remembered);
            (moved ??= []).Add((guest, earlier.Target));
        }
        if (status is null || moved is null)
            return;
        _status = status;
        moved.ForEach(one => Tell(one.Guest, one.Earlier));
        network.IsToBeApplied = true;
    }

    private static void Describe(ForwardedGuest guest, ForwardStatus[] status)
    {
        foreach (var place in guest.Forwards)
            status[place] = status[place] with { Target = guest.Guest.Address, IsInVain = guest.Guest.IsInVain };
    }

    private void Tell(ForwardedGuest guest, Ipv4Address? earlier)
    {
        var target = guest.Guest.Address;
        var (isOne, names) = Named([.. guest.Forwards.Select(place => _status[place])]);
        if (target is null && !guest.IsSaidToWait)
            _log.News(LogSubject.OfNetwork(guest.Network), LogLevel.Warning,
                $"{names} {(isOne ? "waits" : "wait")}: no address of port {guest.Port} known yet");
        else if (target is not null && (guest.IsSaidToWait || (earlier is not null && earlier != target)))
            _log.News(LogSubject.OfNetwork(guest.Network), LogLevel.Info,
                $"{names} {(isOne ? "leads" : "lead")} to {target}, where port {guest.Port} was heard");
        guest.IsSaidToWait = target is null;
    }

    private static (bool IsOne, string Names) Named(ForwardStatus[] forwards)
    {
        var named = string.Join(", ", forwards.Take(MostNamed).Select(forward => forward.From));
        return forwards.Length == 1 ? (true, $"forward {named}")
            : (false, forwards.Length <= MostNamed ? $"forwards {named}" : $"forwards {named} and {forwards.Length - MostNamed} more");
    }
}
