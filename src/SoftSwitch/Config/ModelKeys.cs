using System.Globalization;
using SoftSwitch.Config.Rows;
using SoftSwitch.Config.Writing;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Config;

/// <summary>A model in the keys of the language, for <see cref="ConfigWriter"/> and <see cref="ConfigJson"/>. Defaults are left out.</summary>
internal static class ModelKeys
{
    private const int DefaultMtu = 1500;

    public static WrittenMap Of(SwitchModel model)
    {
        var mtus = model.Networks.ToDictionary(network => network.Name, network => network.Mtu);
        var uplinks = model.Ports.OfType<NicModel>().Where(port => port.IsUplink).ToDictionary(port => port.Network, port => port.Interface);
        return WrittenMap.Of(
            Number("workers", model.Workers, 1),
            new("cpus", model.Cpus.Count == 0 ? null : new WrittenList([.. model.Cpus.Select(Number)])),
            Word("poll", model.Poll.Word(), PollMode.Adaptive.Word()),
            Text("state", model.State),
            new("networks", new WrittenMap([.. model.Networks.Select(network => new WrittenKey(network.Name, Of(network, uplinks.GetValueOrDefault(network.Name))))])),
            new("ports", new WrittenMap([.. model.Ports.Where(port => port is not NicModel { IsUplink: true }).Select(port => new WrittenKey(port.Name, Of(port, mtus[port.Network])))])));
    }

    /// <param name="port">The port.</param>
    /// <param name="networkMtu">The MTU a port of its network has where it names none.</param>
    public static WrittenMap Of(PortModel port, int networkMtu = DefaultMtu) => WrittenMap.Of(
    [
        Text("network", port.Network),
        Text("kind", port.Kind.Word()),
        .. port switch
        {
            TapModel tap => Place(tap.Interface, tap.Netns, tap.Address),
            VethModel veth => Place(veth.Interface, veth.Netns, veth.Address),
            GuestModel guest => [Text("interface", guest.Interface), Text("owner", guest.Owner)],
            NicModel nic => [Text("interface", nic.Interface)],
            _ => Array.Empty<WrittenKey>(),
        },
        Text("mac", port.Mac?.ToString()),
        Number("mtu", port.Mtu, networkMtu),
    ]);

    private static WrittenMap Of(NetworkModel network, string? uplink) => WrittenMap.Of(
    [
        Text("mode", network.Mode.Word()),
        Text("uplink", uplink),
        Number("mtu", network.Mtu, DefaultMtu),
        Time("ageing", network.Ageing, TimeSpan.FromSeconds(300)),
        Text("subnet", network.Subnet?.ToString()),
        Text("gateway", network.Gateway is { } gateway && gateway != network.Subnet?.First ? gateway.ToString() : null),
        .. network.Nat is { } nat ? Of(nat) : [],
        new("host", network.HostInterface is { } host ? WrittenMap.Of(Text("interface", host)) : null),
    ]);

    private static WrittenKey[] Of(NatModel nat)
    {
        var times = new TimeoutsModel();
        return
        [
            new("outside", WrittenMap.OrNone(
                Text("interface", nat.Outside.Interface),
                Text("address", nat.Outside.Address?.ToString()),
                Text("gateway", nat.Outside.Gateway?.ToString()),
                Word("ports", nat.Outside.Ports.ToString(), (nat.Outside.Address is null ? PortPool.OfHost : PortPool.OfOwnAddress).ToString()))),
            Word("filtering", nat.Filtering.Word(), Filtering.AddressAndPort.Word()),
            new("timeouts", WrittenMap.OrNone(
                Time("udp", nat.Timeouts.Udp, times.Udp),
                Time("tcp", nat.Timeouts.Tcp, times.Tcp),
                Time("tcp-transitory", nat.Timeouts.TcpTransitory, times.TcpTransitory),
                Time("icmp", nat.Timeouts.Icmp, times.Icmp))),
            Number("flows", nat.Flows, NatModel.DefaultFlows),
            Number("flows-per-guest", nat.FlowsPerGuest, Math.Min(NatModel.DefaultFlowsPerGuest, nat.Flows)),
            Number("ports-per-guest", nat.PortsPerGuest, NatModel.DefaultPortsPerGuest),
            Text("flow-log", nat.FlowLog),
            new("forwards", nat.Forwards.Count == 0 ? null : new WrittenList([.. nat.Forwards.Select(Of)])),
        ];
    }

    private static WrittenMap Of(ForwardModel forward) => WrittenMap.Of(
        Text("from", new PortRange(forward.Protocol.Word(), forward.First, forward.Last).ToString()),
        Text("to", new ForwardTarget(forward.Address?.ToString() ?? forward.Port!, forward.TargetPort == forward.First ? null : forward.TargetPort).ToString()));

    private static WrittenKey[] Place(string name, string? netns, InterfaceAddress? address) =>
        [Text("interface", name), Text("netns", netns), Text("address", address?.ToString())];

    private static WrittenKey Text(string key, string? value) => new(key, value is null ? null : new WrittenText(value));

    private static WrittenKey Word(string key, string value, string unwritten) => Text(key, value == unwritten ? null : value);

    private static WrittenKey Time(string key, TimeSpan value, TimeSpan unwritten) => Text(key, value == unwritten ? null : $"{(long)value.TotalSeconds}s");

    private static WrittenKey Number(string key, int value, int unwritten) => new(key, value == unwritten ? null : Number(value));

    private static WrittenText Number(int value) => new(value.ToString(CultureInfo.InvariantCulture), IsNumber: true);
}
