namespace SoftSwitch.Model;

/// <summary>An interface that exists already.</summary>
public sealed record NicModel : PortModel
{
    public required string Interface { get; init; }

    /// <summary>Its network's way to the LAN, by which the host is a neighbour of the guests.</summary>
    public bool IsUplink { get; init; }

    public override PortKind Kind => PortKind.Nic;
}
