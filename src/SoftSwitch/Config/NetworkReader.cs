using SoftSwitch.Config.Rows;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Model;

namespace SoftSwitch.Config;

/// <summary>Reads one network of the file.</summary>
internal static class NetworkReader
{
    /// <summary>From the least an IPv4 link must carry (RFC 791) to what the kernel's taps and rings take.</summary>
    public static ScalarType<int> Mtu { get; } = Scalars.Integer(68, 65535);

    private static readonly ScalarType<NetworkMode> Mode = Scalars.OneOf<NetworkMode>(Words.NetworkModes);

    private static readonly ScalarType<TimeSpan> Ageing = Scalars.Duration("10s", "86400s");

    /// <summary>A flow takes about a cache line or two: at the limit a gigabyte or two.</summary>
    private static readonly ScalarType<int> Flows = Scalars.Integer(2, NatModel.MaximumFlows);

    private static readonly ScalarType<int> FlowsPerGuest = Scalars.Integer(2, NatModel.MaximumFlows);

    /// <summary>TCP, UDP and ICMP have 65536 each.</summary>
    private static readonly ScalarType<int> PortsPerGuest = Scalars.Integer(1, 3 * 65536);

    private static readonly ScalarType<Filtering> Filtering = Scalars.OneOf<Filtering>(Words.Filterings);

    public static NetworkConfig Read(Located<string> name, Section section)
    {
        var mode = section.Value("mode", Mode);
        section.RefuseOthers(NetworkKeys.Of(mode?.Value), key => mode is null ? null : NetworkKeys.Elsewhere(mode.Value, key));
        section.Require("mode", "mode: internal, bridged, nat or host-only");
        return new()
        {
            Name = name,
            Mode = mode,
            Mtu = section.Value("mtu", Mtu),
            Ageing = section.Value("ageing", Ageing),
            Uplink = section.Value("uplink", HostScalars.Interface),
            HasUplink = section.Has("uplink"),
            Subnet = section.Value("subnet", Scalars.Subnet),
            HasSubnet = section.Has("subnet"),
            Gateway = section.Value("gateway", Scalars.Address),
            Outside = ServicesReader.Outside(section),
            Filtering = section.Value("filtering", Filtering),
            Timeouts = ServicesReader.Timeouts(section),
            Flows = section.Value("flows", Flows),
            FlowsPerGuest = section.Value("flows-per-guest", FlowsPerGuest),
            PortsPerGuest = section.Value("ports-per-guest", PortsPerGuest),
            FlowLog = section.Value("flow-log", HostScalars.File),
            Dhcp = ServicesReader.Dhcp(section),
            Dns = ServicesReader.Dns(section),
            Forwards = ServicesReader.Forwards(section),
            HostInterface = ReadHost(section, out var hasInterface),
            HasHostInterface = hasInterface,
        };
    }

    private static Located<string>? ReadHost(Section network, out bool hasInterface)
    {
        hasInterface = false;
        if (network.Inner("host", "a map such as { interface: ss-lab }") is not { } host)
            return null;
        host.RefuseOthers(["interface"]);
        hasInterface = host.Has("interface");
        return host.Value("interface", HostScalars.Interface);
    }
}
