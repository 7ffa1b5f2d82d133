using SoftSwitch.Config.Rows;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Config;

internal sealed record NetworkConfig
{
    public required Located<string> Name { get; init; }

    public Located<NetworkMode>? Mode { get; init; }

    public Located<int>? Mtu { get; init; }

    public Located<TimeSpan>? Ageing { get; init; }

    public Located<string>? Uplink { get; init; }

    /// <summary>The key stands there, right or wrong.</summary>
    public bool HasUplink { get; init; }

    public Located<Ipv4Subnet>? Subnet { get; init; }

    /// <summary>The key stands there, right or wrong: so nobody reports it as missing.</summary>
    public bool HasSubnet { get; init; }

    public Located<Ipv4Address>? Gateway { get; init; }

    public OutsideConfig? Outside { get; init; }

    public Located<Filtering>? Filtering { get; init; }

    public TimeoutsConfig? Timeouts { get; init; }

    public Located<int>? Flows { get; init; }

    public Located<int>? FlowsPerGuest { get; init; }

    public Located<int>? PortsPerGuest { get; init; }

    public Located<string>? FlowLog { get; init; }

    public DhcpConfig? Dhcp { get; init; }

    public DnsConfig? Dns { get; init; }

    public IReadOnlyList<ForwardConfig> Forwards { get; init; } = [];

    /// <summary>The interface of a host-only network on the host.</summary>
    public Located<string>? HostInterface { get; init; }

    /// <summary>The key stands there, right or wrong.</summary>
    public bool HasHostInterface { get; init; }

    /// <summary>What that interface is called where the file doesn't say.</summary>
    public string DefaultHostInterface => $"ss-{Name.Value}"[..Math.Min("ss-".Length + Name.Value.Length, HostScalars.LongestInterface)];
}
