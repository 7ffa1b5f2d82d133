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

    /// <summary>The subnet that addresses of this network lie in. Internal: where the file names one. Nat and host-only: always, once a free one was chosen where the file names none.</summary>
    public Ipv4Subnet? Subnet { get; init; }

    /// <summary>Nat and host-only: the address inside <see cref="Subnet"/> that the switch (nat) or the host (host-only) answers for; known as soon as the subnet is. Null in other modes.</summary>
    public Ipv4Address? Gateway { get; init; }

    /// <summary>Nat: what becomes of its packets. Null in other modes.</summary>
    public NatModel? Nat { get; init; }

    /// <summary>Host-only: the name of the interface that appears on the host. Null in other modes.</summary>
    public string? HostInterface { get; init; }
}
