using SoftSwitch.Packets;

namespace SoftSwitch.Model;

/// <summary>A persistent tap whose descriptor QEMU holds; the switch holds the interface's side.</summary>
public sealed record GuestModel : PortModel
{
    public required string Interface { get; init; }

    /// <summary>Who may open the tap: a user's name, or digits only: a uid. Null: whoever runs the switch.</summary>
    public string? Owner { get; init; }

    /// <summary>The address of the tap's interface on the host, which nobody speaks with; null: the kernel's choice.</summary>
    public MacAddress? InterfaceMac { get; init; }

    public override PortKind Kind => PortKind.Guest;
}
