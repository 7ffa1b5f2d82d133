using SoftSwitch.Packets;

namespace SoftSwitch.Model;

/// <summary>Ports of the outside address that lead to a guest; exactly one of <see cref="Address"/> and <see cref="Port"/> says to
/// which.</summary>
public sealed record ForwardModel
{
    public required ForwardProtocol Protocol { get; init; }

    /// <summary>The first port outside, 1 to 65535.</summary>
    public required int First { get; init; }

    /// <summary>The last port outside, at least <see cref="First"/>.</summary>
    public required int Last { get; init; }

    /// <summary>The guest's address, inside the network's subnet and not the gateway's.</summary>
    public Ipv4Address? Address { get; init; }

    /// <summary>The name of a port of the network: the forward leads to the guest there.</summary>
    public string? Port { get; init; }

    /// <summary>The guest's port that <see cref="First"/> leads to; the ones after it follow in order. Equal to <see cref="First"/> where
    /// <see cref="Last"/> is another.</summary>
    public required int TargetPort { get; init; }
}
