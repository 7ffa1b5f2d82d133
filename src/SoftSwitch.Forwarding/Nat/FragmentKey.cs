using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>What the fragments of one packet have in common (RFC 791, 3.2), and where they come from: a network's port, or outside
/// (0).</summary>
internal readonly record struct FragmentKey(Ipv4Address Source, Ipv4Address Destination, int Policy, ushort Owner, byte Protocol,
    ushort Identification)
{
    /// <summary>Who sends them: the port inside, whose addresses are its own choice; outside the address, as there is nothing
    /// else.</summary>
    public FragmentKey Sender => Owner != 0 ? new(default, default, Policy, Owner, 0, 0) : new(Source, default, 0, 0, 0, 0);

    /// <summary>With a seed of the process, as strangers choose what is in it.</summary>
    public override int GetHashCode() => HashCode.Combine(Source.Value, Destination.Value, Policy, Owner, Protocol, Identification);
}
