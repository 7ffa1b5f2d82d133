using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Hostile;

/// <summary>
/// Networks of all modes on one switch. In each an attacker at a port of each kind, and two bystanders; the bridged one has a wire, the
/// translating one an outside, where there is an attacker as well.
/// </summary>
internal sealed class HostileGround : IDisposable
{
    public static readonly string[] Modes = ["bridged", "nat", "only", "quiet"];

    private readonly NetNs _host = new("host"), _attacker = new("attacker"), _one = new("one"), _two = new("two");

    public SoftSwitchProcess Switch { get; } = null!;

    public IReadOnlyList<Injector> Injectors { get; } = [];

    public HostileGround(int workers)
    {
        try
        {
            (Switch, Injectors) = Build(workers);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private (SoftSwitchProcess Switch, Injector[] Injectors) Build(int workers)
    {
        _host.Veth("wire", _attacker, "wire");
        _host.Veth("out", _attacker, "out");
        _host.Address("out", "192.0.2.2/24");
        _host.Check("ip route add default via 192.0.2.1");
        foreach (var mode in Modes)
            _host.Veth($"{mode}-n", _attacker, $"{mode}-n");
        var ports = Modes.SelectMany((mode, i) => new[]
        {
            $"{mode}-t: {{ network: {mode}, kind: tap, netns: '{_attacker.Name}' }}",
            $"{mode}-v: {{ network: {mode}, kind: veth, netns: '{_attacker.Name}' }}",
            $"{mode}-g: {{ network: {mode}, kind: guest }}",
            $"{mode}-n: {{ network: {mode}, kind: nic, interface: {mode}-n }}",
            $"{mode}-1: {{ network: {mode}, kind: tap, netns: '{_one.Name}', address: 10.8{i}.0.11/24 }}",
            $"{mode}-2: {{ network: {mode}, kind: tap, netns: '{_two.Name}', address: 10.8{i}.0.12/24 }}",
        });
        var started = SoftSwitchProcess.Start($$"""
            workers: {{workers}}
            networks:
              bridged: { mode: bridged, uplink: wire }
              nat: { mode: nat, subnet: 10.81.0.0/24, outside: { interface: out } }
              only: { mode: host-only, subnet: 10.82.0.0/24 }
              quiet: { mode: internal }
            ports:
              {{string.Join("\n  ", ports)}}
            """, _host);
        Injector[] injectors = [.. Modes.SelectMany(mode => new[]
        {
            Injector.Interface(_attacker, $"{mode}-t"), Injector.Interface(_attacker, $"{mode}-v"), Injector.Guest(_host, $"{mode}-g"),
            Injector.Interface(_attacker, $"{mode}-n"),
        }), Injector.Interface(_attacker, "wire"), Injector.Interface(_attacker, "out")];
        foreach (var address in Bystanders)
            Ping.Wait(_one, address);
        return (started, injectors);
    }

    /// <summary>In each network one bystander asks the other.</summary>
    public IEnumerable<string> Bystanders => Modes.Select((_, i) => $"10.8{i}.0.12");

    /// <summary>Pings all the time; what it prints at the end says how many were lost.</summary>
    public BackgroundProcess Ask(string address) => _one.Start("ping", "-i", "0.1", "-W", "2", "-q", address);

    public bool Answers(string address) => Ping.Reaches(_one, address);

    public void Dispose()
    {
        foreach (var injector in Injectors)
            injector.Dispose();
        Switch?.Dispose();
        foreach (var ns in new[] { _host, _attacker, _one, _two })
            ns.Dispose();
    }
}
