namespace SoftSwitch.Model;

/// <summary>A veth pair: a namespace gets one end, the switch the other.</summary>
public sealed record VethModel : PortModel
{
    /// <summary>The name of the end inside the namespace.</summary>
    public required string Interface { get; init; }

    /// <summary>Digits only: a pid. From a slash: a path. Otherwise a name under <c>/run/netns</c>.</summary>
    public required string Netns { get; init; }

    /// <summary>To be put on the namespace's end.</summary>
    public InterfaceAddress? Address { get; init; }

    public override PortKind Kind => PortKind.Veth;
}
