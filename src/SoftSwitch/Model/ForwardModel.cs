using SoftSwitch.Packets;

namespace SoftSwitch.Model;

/// <summary>Ports of the outside address that lead to a guest; exactly one of <see cref="Address"/> and <see cref="Port"/> says to
/// which.</summary>
public sealed record ForwardModel
{
    /// <summary>The ports outside, 1 to 65535.</summary>
    public required TransportPorts From { get; init; }

    /// <summary>The one address of the host that it is for, where the host's address is shared, whether the host has it now or not; null:
    /// all that the host has, and 127.0.0.1.</summary>
    public Ipv4Address? On { get; init; }

    public ForwardedPorts Outside => new(From, On);

    /// <summary>The guest's address, inside the network's subnet and not the gateway's.</summary>
    public Ipv4Address? Address { get; init; }

    /// <summary>The name of a port of the network: the forward leads to the guest there.</summary>
    public string? Port { get; init; }

    /// <summary>The guest's port that the first port outside leads to; the ones after it follow in order. A range of several ports keeps
    /// its numbers.</summary>
    public required int TargetPort { get; init; }
}
