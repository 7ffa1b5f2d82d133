using SoftSwitch.Addressing;
using SoftSwitch.Linux;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State.Networks;

/// <summary>
/// Networks whose subnets this machine has other use for when they start. Their ports are there and wait: guests may be plugged in, but no
/// frame passes, and no address of theirs is put on the host, where it would take packets from others. The machine's routes are looked at
/// again, less and less often, and the ports come up when the subnet is free. A network that has begun keeps its subnet, whatever routes
/// come. Used by the control loop alone.
/// </summary>
/// <param name="ports">The ports that wait.</param>
/// <param name="log">Told what waits, and when it doesn't any more.</param>
internal sealed class AwaitedSubnets(SwitchPorts ports, ISwitchLog log)
{
    /// <summary>Two switches that have seen each other's network and have given way both don't come again at one moment.</summary>
    private const int MostJitter = 500;

    private readonly List<NetworkState> _waiting = [];
    private readonly List<(NetworkState Network, string Obstacle)> _untold = [];
    private readonly HashSet<string> _provisional = [];
    private readonly RetryPace _pace = new();

    /// <summary>The model with a subnet for those for which none was free: they wait for that.</summary>
    public SwitchModel Complete(SwitchModel model)
    {
        _provisional.UnionWith(model.Networks.Where(SubnetChoice.IsNeeded).Select(network => network.Name));
        return _provisional.Count == 0 ? model : SubnetChoice.Provisional(model);
    }

    /// <summary>Looks which have to wait. Before their ports are opened, and again behind that: of two switches that start at one moment,
    /// each sees the other's.</summary>
    /// <param name="model">What is to run.</param>
    /// <param name="networks">Those that come.</param>
    public void Look(SwitchModel model, IEnumerable<NetworkState> networks)
    {
        NetworkState[] asked = [.. networks.Where(network => network.Obstacle is null && HasSubnet(network))];
        if (asked.Length == 0)
            return;
        var routes = Routes(model, out var refused);
        foreach (var network in asked)
        {
            if (ObstacleOf(network, routes, refused) is not { } obstacle)
                continue;
            _waiting.Add(network);
            _untold.Add((network, obstacle));
            Hold(network, $"network {network.Model.Name} waits: {obstacle}");
        }
    }

    /// <summary>Says which wait.</summary>
    public void Tell()
    {
        foreach (var (network, obstacle) in _untold)
            log.News(LogSubject.OfNetwork(network.Model.Name), LogLevel.Warning, $"{obstacle}; until then its ports wait");
        _untold.Clear();
    }

    /// <summary>About once a second.</summary>
    public void Tick(SwitchModel model, long now)
    {
        if (_waiting.Count == 0 || now < _pace.Next)
            return;
        _pace.Failed(now + Random.Shared.Next(MostJitter));
        var routes = Routes(model, out var refused);
        NetworkState[] free = [.. _waiting.Where(network => ObstacleOf(network, routes, refused) is null)];
        foreach (var network in free)
        {
            _waiting.Remove(network);
            Hold(network, null);
            log.News(LogSubject.OfNetwork(network.Model.Name), LogLevel.Info, $"its subnet {network.Model.Subnet} is free now");
            if (NetworkAddresses.ForGuests(network.Model) is { } line)
                log.Write(LogLevel.Info, line);
        }
        Look(model, free);
        Tell();
    }

    /// <summary>These are all that there are now: of others it doesn't matter any more.</summary>
    public void Keep(IReadOnlyCollection<NetworkState> networks) => _waiting.RemoveAll(network => !networks.Contains(network));

    private static bool HasSubnet(NetworkState network) => network.Model.Mode is NetworkMode.HostOnly or NetworkMode.Nat;

    private string? ObstacleOf(NetworkState network, IReadOnlyList<Ipv4Subnet> routes, string? refused) =>
        refused ?? NetworkAddresses.Obstacle(network.Model, _provisional.Contains(network.Model.Name), routes);

    private void Hold(NetworkState network, string? why)
    {
        network.Obstacle = why;
        ports.Hold(network.Bridge, why);
    }

    private static IReadOnlyList<Ipv4Subnet> Routes(SwitchModel model, out string? refused)
    {
        try
        {
            refused = null;
            return HostRoutes.Beside(model);
        }
        catch (SystemCallException e)
        {
            refused = e.Message;
            return [];
        }
    }
}
