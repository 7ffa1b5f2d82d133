namespace SoftSwitch.Model;

/// <summary>A port whose other end is an interface of this machine, or an interface that the switch gives to the guest.</summary>
public abstract record InterfaceModel : PortModel
{
    public required string Interface { get; init; }

    /// <summary>Where the interface is. Null: in the host's namespace. Digits only: a pid. From a slash: a path. Otherwise a name under
    /// <c>/run/netns</c>.</summary>
    public string? Netns { get; init; }

    /// <summary>An address to put on the interface; null: none.</summary>
    public InterfaceAddress? Address { get; init; }
}
