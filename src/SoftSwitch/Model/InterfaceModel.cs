namespace SoftSwitch.Model;

/// <summary>A port whose other end is an interface of this machine, or one that the switch gives to whoever is there.</summary>
public abstract record InterfaceModel : PortModel
{
    public required string Interface { get; init; }

    /// <summary>Where the interface is. Null: in the host's namespace. Digits only: a pid. From a slash: a path. Otherwise a name under
    /// <c>/run/netns</c>.</summary>
    public string? Netns { get; init; }

    /// <summary>To be put on the interface.</summary>
    public InterfaceAddress? Address { get; init; }
}
