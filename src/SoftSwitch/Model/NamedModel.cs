namespace SoftSwitch.Model;

/// <summary>What a file gives a name to: a network or a port.</summary>
public abstract record NamedModel
{
    /// <summary>Octets of a frame's payload where the file says nothing.</summary>
    public const int DefaultMtu = 1500;

    /// <summary>One to fifteen of <c>[a-z0-9-]</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Octets of a frame's payload, 68 to 65535; of a port the network's where it names none.</summary>
    public int Mtu { get; init; } = DefaultMtu;

    /// <summary>What people are told about it, one line; null: nothing.</summary>
    public string? Comment { get; init; }
}
