using SoftSwitch.Config.Checks;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Addressing;

/// <summary>
/// Chooses subnets for the nat and host-only networks whose file names none.
/// <para>
/// What was chosen once stays as long as it can: guests may have addresses in it by hand. It gives way only to a subnet of the file and to
/// what the host reaches in just this subnet or in a part of it, not to a wider route such as a VPN's, which may come and go. A new one is
/// a /24 of private space (RFC 1918) that overlaps no route of the host, nothing the file names and nothing remembered for another network.
/// The network's name decides where the search begins: so the same file finds the same subnet even where nothing can be remembered, and two
/// networks or two machines seldom meet. Pure: what is taken is handed in.
/// </para>
/// </summary>
internal sealed class SubnetChoice
{
    /// <summary>
    /// Routes wider than any subnet lead everywhere else, such as the default route and the halves by which a VPN hides it. They are not
    /// avoided, or nothing would be found.
    /// </summary>
    private const int WidestPrefix = 8;

    private const int NewPrefix = 24;

    /// <summary>Where a new one is looked for, the roomiest first. Below 10.16 are the subnets that everybody takes.</summary>
    private static readonly (uint First, uint Count)[] s_spaces = [(0x0A100000, 240 * 256), (0xC0A80000, 256), (0xAC100000, 16 * 256)];

    private readonly SwitchModel _model;
    private readonly IReadOnlyDictionary<string, Ipv4Subnet> _remembered;
    private readonly IReadOnlyList<Ipv4Subnet> _routes;
    private readonly SubnetSet _named;
    private readonly SubnetSet _routed;

    /// <param name="model">The configuration.</param>
    /// <param name="remembered">What was chosen before, by the name of the network.</param>
    /// <param name="routed">Every route of the host that isn't our own doing.</param>
    public SubnetChoice(SwitchModel model, IReadOnlyDictionary<string, Ipv4Subnet> remembered, IReadOnlyList<Ipv4Subnet> routed)
    {
        (_model, _remembered, _routes) = (model, remembered, routed);
        _routed = new(routed.Where(IsNarrow));
        _named = new(model.NamedSubnets().Where(IsNarrow));
    }

    /// <summary>Networks whose remembered subnet had to give way.</summary>
    public IReadOnlyList<string> Moved { get; private set; } = [];

    public static bool IsNeeded(NetworkModel network) => network is { Mode: NetworkMode.Nat or NetworkMode.HostOnly, Subnet: null };

    /// <summary>A subnet for each network that needs one; a network without an entry found none.</summary>
    public Dictionary<string, Ipv4Subnet> Choose()
    {
        var chosen = new Dictionary<string, Ipv4Subnet>();
        var kept = new List<Ipv4Subnet>();
        var moved = new List<string>();
        foreach (var network in _model.Networks.Where(IsNeeded))
        {
            if (!_remembered.TryGetValue(network.Name, out var subnet))
                continue;
            if (_named.Overlapping(subnet) is null && HostRoutes.Within(_routes, subnet) is null && !kept.Exists(subnet.Overlaps))
            {
                chosen.Add(network.Name, subnet);
                kept.Add(subnet);
            }
            else
                moved.Add(network.Name);
        }
        var taken = new SubnetSet(_remembered.Values);
        var fresh = new HashSet<Ipv4Subnet>();
        foreach (var network in _model.Networks.Where(one => IsNeeded(one) && !chosen.ContainsKey(one.Name)))
        {
            foreach (var candidate in Candidates(network.Name))
            {
                if (_routed.Overlapping(candidate) is not null || _named.Overlapping(candidate) is not null
                    || taken.Overlapping(candidate) is not null || !fresh.Add(candidate))
                    continue;
                chosen.Add(network.Name, candidate);
                break;
            }
        }
        Moved = moved;
        return chosen;
    }

    /// <summary>The model with a subnet for each network that needs one, whatever routes there are: for those that wait until theirs is
    /// free.</summary>
    public static SwitchModel Provisional(SwitchModel model) =>
        NetworkAddresses.With(model, new SubnetChoice(model, new Dictionary<string, Ipv4Subnet>(), []).Choose());

    /// <summary>A route that a subnet which is chosen keeps clear of; null: it is free.</summary>
    public static Ipv4Subnet? Taker(IReadOnlyList<Ipv4Subnet> routes, Ipv4Subnet subnet) =>
        new SubnetSet(routes.Where(IsNarrow)).Overlapping(subnet);

    private static bool IsNarrow(Ipv4Subnet subnet) => subnet.PrefixLength >= WidestPrefix;

    private static IEnumerable<Ipv4Subnet> Candidates(string name)
    {
        // FNV-1a (draft-eastlake-fnv): spreads names that differ in one letter.
        var seed = name.Aggregate(2166136261u, (hash, letter) => (hash ^ letter) * 16777619);
        foreach (var (first, count) in s_spaces)
        {
            for (var i = 0u; i < count; i++)
                yield return new(new(first + ((seed % count + i) % count << (32 - NewPrefix))), NewPrefix);
        }
    }
}
