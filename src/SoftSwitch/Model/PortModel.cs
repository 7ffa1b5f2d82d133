using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Packets;

namespace SoftSwitch.Model;

/// <summary>One attachment to a network; what its kind adds stands in the derived records.</summary>
public abstract record PortModel : NamedModel
{
    /// <summary>What holds where the file says none: for a guest's port; for one that leads to the LAN or the host.</summary>
    public const int FloodLimitOfGuest = Limits.FloodCapacity, FloodLimitOfLan = Limits.FloodCapacityOfLan;

    /// <summary>The name of its network.</summary>
    public required string Network { get; init; }

    /// <summary>The guest's MAC address as the file has it, or the network that brings the port; null: neither gives one. Nobody else in
    /// the network can have it.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>The MAC address that the switch makes for the guest in case the file gives none. No other guest can have it. Null: the
    /// switch that makes it isn't known yet, or the guest has its own.</summary>
    public MacAddress? MadeMac { get; init; }

    /// <summary>The guest's MAC address: the file's, else the one that was made. Null: whatever the guest has.</summary>
    public MacAddress? GuestMac => Mac ?? MadeMac;

    /// <summary>What its guest may say of who it is.</summary>
    public Guarding Guard { get; init; }

    public AdminState Admin { get; init; }

    /// <summary>Frames for everybody that it may bring, at once and in each second, 1 to 10,000,000.</summary>
    public int FloodLimit { get; init; } = FloodLimitOfGuest;

    /// <summary>The word of its kind: how it is attached.</summary>
    public abstract string Kind { get; }
}
