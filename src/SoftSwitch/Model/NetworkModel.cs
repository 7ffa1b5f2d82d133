using SoftSwitch.Packets;

namespace SoftSwitch.Model;

/// <summary>One broadcast domain.</summary>
public sealed record NetworkModel
{
    public required string Name { get; init; }

    public required NetworkMode Mode { get; init; }

    /// <summary>Octets of a frame's payload, 68 to 65535.</summary>
    public int Mtu { get; init; } = 1500;

    /// <summary>How long a silent station stays in the FDB, 10 seconds to a day, in whole seconds.</summary>
    public TimeSpan Ageing { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>The subnet that addresses of this network lie in, where the file names one.</summary>
    public Ipv4Subnet? Subnet { get; init; }
}
