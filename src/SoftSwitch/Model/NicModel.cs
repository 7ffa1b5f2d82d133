namespace SoftSwitch.Model;

/// <summary>An interface that exists already.</summary>
public sealed record NicModel : PortModel
{
    public required string Interface { get; init; }

    public override PortKind Kind => PortKind.Nic;
}
