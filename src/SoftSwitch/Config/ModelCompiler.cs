using SoftSwitch.Config.Checks;
using SoftSwitch.Config.Rows;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Config;

/// <summary>A configuration without mistakes to its model: defaults filled in, uplinks made ports, places forgotten.</summary>
internal static class ModelCompiler
{
    public const int DefaultMtu = 1500;

    public static SwitchModel Compile(SwitchConfig config)
    {
        var networks = config.Networks.ToDictionary(network => network.Name.Value);
        var uplinks = config.Networks.Where(network => network.Uplink is not null).Select(Uplink);
        var ports = config.Ports.Select(port => Port(port, port.Mtu?.Value ?? networks[port.Network!.Value].Mtu?.Value ?? DefaultMtu));
        return new()
        {
            Networks = [.. config.Networks.Select(Network)],
            Ports = [.. uplinks, .. ports],
            Workers = config.Workers?.Value ?? 1,
            Cpus = [.. config.Cpus.Select(cpu => cpu.Value)],
            Poll = config.Poll?.Value ?? PollMode.Adaptive,
            State = config.State?.Value,
        };
    }

    private static NetworkModel Network(NetworkConfig network) => new()
    {
        Name = network.Name.Value,
        Mode = network.Mode!.Value,
        Mtu = network.Mtu?.Value ?? DefaultMtu,
        Ageing = network.Ageing?.Value ?? TimeSpan.FromSeconds(300),
        Subnet = network.Subnet?.Value,
        Gateway = NetworkCheck.GatewayOf(network),
        Nat = network.Mode.Value == NetworkMode.Nat ? Nat(network) : null,
        HostInterface = network.Mode.Value == NetworkMode.HostOnly ? network.HostInterface?.Value ?? network.DefaultHostInterface : null,
    };

    private static NatModel Nat(NetworkConfig network)
    {
        var flows = network.Flows?.Value ?? NatModel.DefaultFlows;
        return new()
        {
            Outside = new()
            {
                Interface = network.Outside?.Interface?.Value,
                Address = network.Outside?.Address?.Value,
                Gateway = network.Outside?.Gateway?.Value,
                Ports = OutsideCheck.PoolOf(network),
            },
            Filtering = network.Filtering?.Value ?? Filtering.AddressAndPort,
            Timeouts = Timeouts(network.Timeouts),
            Flows = flows,
            FlowsPerGuest = network.FlowsPerGuest?.Value ?? Math.Min(NatModel.DefaultFlowsPerGuest, flows),
            PortsPerGuest = network.PortsPerGuest?.Value ?? NatModel.DefaultPortsPerGuest,
            FlowLog = network.FlowLog?.Value,
            Forwards = [.. network.Forwards.Select(forward => Forward(forward.From!.Value, forward.To!.Value))],
        };
    }

    private static TimeoutsModel Timeouts(TimeoutsConfig? written)
    {
        var defaults = new TimeoutsModel();
        return new()
        {
            Udp = written?.Udp?.Value ?? defaults.Udp,
            Tcp = written?.Tcp?.Value ?? defaults.Tcp,
            TcpTransitory = written?.TcpTransitory?.Value ?? defaults.TcpTransitory,
            Icmp = written?.Icmp?.Value ?? defaults.Icmp,
        };
    }

    private static ForwardModel Forward(PortRange from, ForwardTarget to)
    {
        Ipv4Address? address = Ipv4Address.TryParse(to.Host, out var parsed) ? parsed : null;
        return new()
        {
            Protocol = from.Protocol == ForwardProtocol.Udp.Word() ? ForwardProtocol.Udp : ForwardProtocol.Tcp,
            First = from.First,
            Last = from.Last,
            Address = address,
            Port = address is null ? to.Host : null,
            TargetPort = to.Port ?? from.First,
        };
    }

    private static PortModel Uplink(NetworkConfig network) => new NicModel
    {
        Name = network.Uplink!.Value,
        Network = network.Name.Value,
        Interface = network.Uplink.Value,
        IsUplink = true,
        Mtu = network.Mtu?.Value ?? DefaultMtu,
    };

    private static PortModel Port(PortConfig port, int mtu)
    {
        var (name, network, mac) = (port.Name.Value, port.Network!.Value, port.Mac?.Value);
        var named = port.Interface?.Value ?? name;
        return port.Kind!.Value switch
        {
            PortKind.Tap => new TapModel { Name = name, Network = network, Mac = mac, Mtu = mtu, Interface = named, Netns = port.Netns?.Value, Address = port.Address?.Value },
            PortKind.Guest => new GuestModel { Name = name, Network = network, Mac = mac, Mtu = mtu, Interface = named, Owner = port.Owner?.Value },
            PortKind.Nic => new NicModel { Name = name, Network = network, Mac = mac, Mtu = mtu, Interface = named },
            PortKind.Veth => new VethModel { Name = name, Network = network, Mac = mac, Mtu = mtu, Interface = named, Netns = port.Netns!.Value, Address = port.Address?.Value },
            var kind => throw new InvalidOperationException($"kind {kind.Word()} is refused before it gets here"),
        };
    }
}
