using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>What a <see cref="Napt"/> is made from. Networks come afterwards, by <see cref="Napt.SetPolicy"/>.</summary>
public sealed record NaptOptions
{
    /// <summary>The address that everything leaves with.</summary>
    public required Ipv4Address OutsideAddress { get; init; }

    /// <summary>
    /// Flows at once, of all networks, those that come later as well. Memory for them is taken from the kernel as they come: 108 to 172
    /// bytes a flow.
    /// </summary>
    public int Capacity { get; init; } = 1 << 20;

    /// <summary>Nothing begins here inside: what leaves answers those who have asked a forward.</summary>
    public bool OnlyAnswers { get; init; }

    /// <summary>Where flows of networks that want it are written; null for nowhere.</summary>
    public NaptFlowLog? Log { get; init; }

    /// <summary>Makes ports and hashes the same in every run, for tests; null for secrets.</summary>
    public int? Seed { get; init; }
}
