namespace SoftSwitch.Model;

/// <summary>The host's own stack as a station of a network. No file names such a port: the switch adds it where a mode asks for it.</summary>
public sealed record HostModel : PortModel
{
    /// <summary>The interface that it is reached by, which the switch makes.</summary>
    public required string Interface { get; init; }

    public override PortKind Kind => PortKind.Host;
}
