using SoftSwitch.Packets;

namespace SoftSwitch.Model;

/// <summary>One attachment to a network; what its kind adds stands in the derived records.</summary>
public abstract record PortModel : NamedModel
{
    /// <summary>The name of its network.</summary>
    public required string Network { get; init; }

    /// <summary>The MAC address that the file gives to whoever is plugged in; null: none.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>The one that was made for it in case the file gives none; null before the switch is known that it is made for, and for
    /// what brings its own.</summary>
    public MacAddress? MadeMac { get; init; }

    /// <summary>The MAC address of whoever is plugged in, wherever it is needed: the file's, else the one that was made; null: whatever
    /// it has.</summary>
    public MacAddress? GuestMac => Mac ?? MadeMac;

    /// <summary>The word of its kind: how it is attached.</summary>
    public abstract string Kind { get; }
}
