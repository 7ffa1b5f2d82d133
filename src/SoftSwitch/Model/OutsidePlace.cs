namespace SoftSwitch.Model;

/// <summary>Where a nat network meets the outside. Those with an equal one share an address and its ports: the host's on an interface, or
/// one of their own; what a server lends is each network's alone.</summary>
/// <param name="Interface">As the file names it; null: wherever the host's routing leads, or its default route.</param>
/// <param name="Address">One of their own; null: the host's, or a leased one.</param>
/// <param name="Lessee">The network that has a leased one; null: it isn't leased.</param>
public readonly record struct OutsidePlace(string? Interface, InterfaceAddress? Address, string? Lessee)
{
    /// <summary>Of a nat network.</summary>
    public static OutsidePlace Of(NetworkModel network) => new(
        network.Nat!.Outside.Interface, network.Nat.Outside.Address, network.Nat.Outside.IsLeased ? network.Name : null);
}
