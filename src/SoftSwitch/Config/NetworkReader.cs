using SoftSwitch.Model;

namespace SoftSwitch.Config;

/// <summary>Reads one network of the file.</summary>
internal static class NetworkReader
{
    /// <summary>From the least an IPv4 link must carry (RFC 791) to what the kernel's taps and rings take.</summary>
    public static ScalarType<int> Mtu { get; } = Scalars.Integer(68, 65535);

    private static readonly ScalarType<NetworkMode> Mode = Scalars.OneOf<NetworkMode>(Words.NetworkModes);

    private static readonly ScalarType<TimeSpan> Ageing = Scalars.Duration("10s", "86400s");

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
            Dhcp = ServicesReader.Dhcp(section),
            Dns = ServicesReader.Dns(section),
            Forwards = ServicesReader.Forwards(section),
            HostInterface = ReadHost(section),
        };
    }

    private static Located<string>? ReadHost(Section network)
    {
        if (network.Inner("host", "a map such as { interface: ss-lab }") is not { } host)
            return null;
        host.RefuseOthers(["interface"]);
        return host.Value("interface", HostScalars.Interface);
    }
}
