using System.Collections.Frozen;
using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>
/// Where the forwards of some networks lead. One to an address is certain, and so is one to a port whose address the file gives; the
/// guest behind any other port is found by
/// <see cref="GuestAddress"/>, and nobody behind another port can claim its address meanwhile (<see cref="AddressBinding"/>). What was
/// found is remembered over a restart. A
/// forward without an address waits, which is said. Used by the control loop alone, but for <see cref="Status"/>.
/// </summary>
internal sealed class ForwardTargets
{
    /// <summary>Questions to all guests of a network in a second, beyond which nobody searches a subnet.</summary>
    private const int QuestionsPerSecond = 256;

    /// <summary>Forwards that a line names.</summary>
    private const int MostNamed = 5;

    private readonly RunningSwitch _running;
    private readonly IReadOnlyList<NatNetwork> _networks;
    private readonly Dictionary<(string Network, string Port), GuestAddress> _guests = [];
    private readonly Dictionary<string, Ipv4Address> _named;
    private readonly HashSet<(string Network, string Port)> _saidToWait = [];
    private readonly List<Ipv4Address> _questions = [];
    private volatile ForwardStatus[] _status = [];
    private (ForwardStatus Status, bool InVain)[] _applied = [];
    private int _turn;

    public ForwardTargets(RunningSwitch running, IReadOnlyList<NatNetwork> networks)
    {
        (_running, _networks) = (running, networks);
        _named = running.Model.Ports.Where(port => port is TapModel { Address: not null } or VethModel { Address: not null })
            .ToDictionary(port => port.Name, port => ((port as TapModel)?.Address ?? ((VethModel)port).Address!.Value).Address);
        foreach (var network in networks)
        {
            foreach (var forward in network.Nat.Forwards.Where(forward => AddressOf(forward) is null))
            {
                var key = (network.Model.Name, forward.Port!);
                if (_guests.ContainsKey(key))
                    continue;
                var remembered = running.Addresses.Of(network.Model.Name, forward.Port!);
                _guests.Add(key, new(network.Gateway.Subnet, network.Gateway.Address, remembered, ServedUdp(network, forward.Port!)));
            }
            Bind(network, keepsEarlier: false);
        }
        Describe();
    }

    /// <summary>Every forward, in the order of the file.</summary>
    public IReadOnlyList<ForwardStatus> Status => _status;

    /// <summary>Where the forwards of a network lead; those that lead nowhere yet are left out. For any thread.</summary>
    /// <param name="policy">The network's place among them.</param>
    public IReadOnlyList<NaptForward> Of(int policy) => Of(_networks[policy]);

    /// <summary>Looks who is behind the ports that are forwarded to by name, and asks for them.</summary>
    /// <returns>True when something has changed.</returns>
    public bool Resolve(Instant now)
    {
        if (_guests.Count == 0)
            return false;
        var ports = _running.Ports.ToLookup(state => state.Model.Name);
        _turn++;
        foreach (var network in _networks)
        {
            var guests = _guests.Where(guest => guest.Key.Network == network.Model.Name).ToArray();
            var asked = 0;
            for (var i = 0; i < guests.Length; i++)
            {
                // Who searched for long lets another begin.
                var ((_, name), guest) = guests[(i + _turn) % guests.Length];
                asked += Ask(network, guest, ports[name].FirstOrDefault(), now,
                    asked < QuestionsPerSecond && network.Gateway.Questions < Gateway.MostQuestions / 2);
                _running.Addresses.Remember(network.Model.Name, name, guest.Remembered);
            }
            Bind(network, keepsEarlier: true);
        }
        _running.Addresses.Tick(now);
        var before = _applied;
        Describe();
        if (before.SequenceEqual(_applied))
            return false;
        foreach (var network in _networks)
            Tell(network, before);
        return before.Zip(_applied).Any(pair => pair.First.Status.Target != pair.Second.Status.Target || pair.First.InVain != pair.Second.InVain);
    }

    /// <summary>Says at start which forwards wait.</summary>
    public void TellWaiting()
    {
        foreach (var network in _networks)
            Tell(network, []);
    }

    /// <summary>Tells the translators, and the stations before them what waits.</summary>
    public void Apply(IEnumerable<Outside> outsides, Instant now)
    {
        var waiting = new WaitingForwards(_applied.Where(one => one.Status.Target is null)
            .Select(one => (Protocol(one.Status.Forward), (ushort)one.Status.Forward.First, (ushort)one.Status.Forward.Last, one.InVain)));
        foreach (var outside in outsides)
        {
            outside.Waiting = waiting;
            for (var policy = 0; policy < _networks.Count; policy++)
                outside.Translator.SetForwards(policy, Of(policy), now);
        }
    }

    /// <summary>Gives free the addresses that nothing is forwarded to any more: after the translators know it, so that nothing goes to
    /// who claims them then.</summary>
    public void Release()
    {
        foreach (var network in _networks)
            Bind(network, keepsEarlier: false);
    }

    private static IEnumerable<ushort> ServedUdp(NatNetwork network, string port) => network.Nat.Forwards
        .Where(forward => forward.Protocol == ForwardProtocol.Udp && forward.Port == port)
        .SelectMany(forward => Enumerable.Range(forward.TargetPort, forward.Last - forward.First + 1)).Select(number => (ushort)number);

    private int Ask(NatNetwork network, GuestAddress guest, PortState? state, Instant now, bool maySearch)
    {
        var port = state?.Port;
        if (port is not null && port.Heard != guest.Heard)
            port.Heard = guest.Heard;
        var bindings = network.Gateway.Bindings;
        var isContested = guest.Address is { } target && bindings.TryGetValue(target, out var binding) && binding.IsContested;
        _questions.Clear();
        guest.Tick(now, state is { Status: PortStatus.Up, Port: not null }, isContested, maySearch, _questions);
        foreach (var address in _questions)
        {
            if (!network.Gateway.TryAsk(port!, address))
                guest.TakeBack(address);
        }
        return _questions.Count;
    }

    /// <summary>Binds every target to its port; of two ports with one target the first has it. Who was believed to have it before must
    /// show it again.</summary>
    private void Bind(NatNetwork network, bool keepsEarlier)
    {
        var before = network.Gateway.Bindings;
        var bindings = new Dictionary<Ipv4Address, AddressBinding>();
        foreach (var ((name, port), guest) in _guests)
        {
            if (name != network.Model.Name || guest.Address is not { } address)
                continue;
            var isKept = before.TryGetValue(address, out var binding) && binding.Port == port && !binding.IsContested;
            if (!bindings.TryAdd(address, isKept ? binding! : new(port)))
                guest.Lose();
        }
        if (keepsEarlier)
        {
            foreach (var (address, binding) in before)
                bindings.TryAdd(address, binding);
        }
        if (bindings.Count == before.Count && bindings.All(one => before.TryGetValue(one.Key, out var binding) && binding == one.Value))
            return;
        network.Gateway.Bindings = bindings.ToFrozenDictionary();
        foreach (var (address, binding) in bindings)
        {
            if (!before.TryGetValue(address, out var earlier) || earlier.Port != binding.Port)
                network.Gateway.Neighbors.Forget(address);
        }
    }

    private void Describe()
    {
        _applied =
        [
            .. _networks.SelectMany(network => network.Nat.Forwards.Select(forward =>
            {
                var known = AddressOf(forward);
                var guest = known is null ? _guests[(network.Model.Name, forward.Port!)] : null;
                var status = new ForwardStatus(network.Model.Name, forward, known ?? guest!.Address, guest is null || guest.Answers);
                return (status, guest is { IsInVain: true });
            })),
        ];
        _status = [.. _applied.Select(one => one.Status)];
    }

    private void Tell(NatNetwork network, (ForwardStatus Status, bool InVain)[] before)
    {
        var name = network.Model.Name;
        var byName = _status.Where(status => status.Network == name && status.Forward.Port is not null);
        foreach (var ports in byName.GroupBy(status => status.Forward.Port!))
        {
            var target = ports.First().Target;
            var earlier = before.FirstOrDefault(one => one.Status.Network == name && one.Status.Forward.Port == ports.Key).Status?.Target;
            var (one, names) = Named([.. ports]);
            if (target is null && _saidToWait.Add((name, ports.Key)))
                Log(name, LogLevel.Warning, $"{names} {(one ? "waits" : "wait")}: no address of port {ports.Key} known yet");
            else if (target is not null && (_saidToWait.Remove((name, ports.Key)) || (earlier is not null && earlier != target)))
                Log(name, LogLevel.Info, $"{names} {(one ? "leads" : "lead")} to {target}, where port {ports.Key} was heard");
        }
    }

    private void Log(string network, LogLevel level, string line) => _running.Log.News(LogSubject.OfNetwork(network), level, line);

    private static (bool One, string Names) Named(ForwardStatus[] forwards)
    {
        var named = string.Join(", ", forwards.Take(MostNamed).Select(forward => forward.From));
        return forwards.Length == 1 ? (true, $"forward {named}")
            : (false, forwards.Length <= MostNamed ? $"forwards {named}" : $"forwards {named} and {forwards.Length - MostNamed} more");
    }

    private Ipv4Address? AddressOf(ForwardModel forward) =>
        forward.Address ?? (_named.TryGetValue(forward.Port!, out var named) ? named : null);

    private static byte Protocol(ForwardModel forward) => forward.Protocol == ForwardProtocol.Tcp ? IpProtocol.Tcp : IpProtocol.Udp;

    private List<NaptForward> Of(NatNetwork network) =>
        [.. _status.Where(status => status.Network == network.Model.Name).Select(Forward).OfType<NaptForward>()];

    private static NaptForward? Forward(ForwardStatus status) => status.Target is { } target
        ? Forward(status.Forward, target)
        : null;

    private static NaptForward Forward(ForwardModel forward, Ipv4Address target) =>
        new(Protocol(forward), (ushort)forward.First, (ushort)forward.Last, target, (ushort)forward.TargetPort);
}
