namespace SoftSwitch.Model;

/// <summary>A tap whose descriptor the switch holds and whose interface the host or a namespace gets.</summary>
public sealed record TapModel : PortModel
{
    public required string Interface { get; init; }

    /// <summary>Null: the host's. Digits only: a pid. From a slash: a path. Otherwise a name under <c>/run/netns</c>.</summary>
    public string? Netns { get; init; }

    /// <summary>To be put on the interface.</summary>
    public InterfaceAddress? Address { get; init; }

    public override PortKind Kind => PortKind.Tap;
}
