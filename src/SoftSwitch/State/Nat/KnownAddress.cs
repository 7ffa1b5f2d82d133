using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>An address by which <see cref="GuestAddress"/> knows its guest. Times are those of <see cref="Forwarding.Time.Instant"/>; 0:
/// never.</summary>
internal sealed class KnownAddress
{
    public required Ipv4Address Address { get; init; }

    public long Spoke { get; set; }

    public long Claimed { get; set; }

    public long Asked { get; set; }

    /// <summary>Since it was last claimed.</summary>
    public int Questions { get; set; }

    public bool HasClaimed => Claimed > 0;

    public long Latest => long.Max(Spoke, Claimed);
}
